namespace ReferralService.Fhir.Validation;

/// <summary>Where references lead, as far as their own text and the contained resources tell.</summary>
internal ref partial struct LintWalk
{
    private readonly void EndReference(ref Frame frame, long start)
    {
        int told = -1;
        if (!frame.Second.IsMissing)
        {
            // A type may be a profile's or a logical model's address: only R4's own names are compared.
            told = _r4.FindResource(LastSegment(Text(frame.Second)));
            if (told >= 0 && frame.Targets >= 0 && !_r4.MayLeadTo(frame.Targets, told)) Report(LintCode.WrongReferenceTarget, start, below: "type");
        }

        if (frame.First.IsMissing) return;
        var text = Text(frame.First);
        if (text[0] == (byte)'#')
        {
            NoteLocal(frame.First, frame.Targets, isReference: true, frame.First.At - 1);
            return;
        }

        int type = TargetOf(text, out bool unknown);
        if (unknown) Report(LintCode.WrongReferenceTarget, frame.First.At - 1);
        if (type < 0) return;
        if (frame.Targets >= 0 && !_r4.MayLeadTo(frame.Targets, type)) Report(LintCode.WrongReferenceTarget, frame.First.At - 1);
        else if (told >= 0 && told != type) Report(LintCode.WrongReferenceTarget, start, below: "type");
    }

    /// <summary>The type that a literal reference names: <c>Patient/1</c>, <c>https://…/Patient/1/_history/2</c>, <c>Patient?identifier=…</c>; -1 when it names none.</summary>
    /// <param name="unknown">It is of the relative form, with a type that R4 does not have.</param>
    private readonly int TargetOf(ReadOnlySpan<byte> text, out bool unknown)
    {
        unknown = false;
        int query = text.IndexOf((byte)'?');
        if (query > 0)
        {
            return text[..query].Contains((byte)':') ? -1 : _r4.FindResource(text[..query]);
        }

        int history = text.IndexOf("/_history/"u8);
        if (history >= 0) text = text[..history];
        int slash = text.LastIndexOf((byte)'/');
        if (slash <= 0) return -1;
        var before = text[..slash];
        int type = _r4.FindResource(LastSegment(before));
        unknown = type < 0 && !before.ContainsAny((byte)'/', (byte)':');
        return type;
    }

    private static ReadOnlySpan<byte> LastSegment(ReadOnlySpan<byte> text) => text[(text.LastIndexOf((byte)'/') + 1)..];

    private readonly void NoteLocal(Run reference, int targets, bool isReference, long at)
        => _memory.LocalReferences.Add(new LintMemory.LocalReference(reference, targets, at, isReference, _holder.InContained));

    /// <summary>At the end of a resource: each <c>#id</c> in it must name one it contains, each contained one must be named (dom-3).</summary>
    private readonly void ResolveContained()
    {
        var (contained, references) = (_memory.ContainedResources, _memory.LocalReferences);
        for (int i = _holder.FirstReference; i < references.Count; i++) Resolve(references[i]);

        for (int i = _holder.FirstContained; i < contained.Count; i++)
            if (!contained[i].Used) Report(LintCode.BadContained, contained[i].At, rule: "dom-3");

        references.RemoveRange(_holder.FirstReference, references.Count - _holder.FirstReference);
        contained.RemoveRange(_holder.FirstContained, contained.Count - _holder.FirstContained);
    }

    private readonly void Resolve(LintMemory.LocalReference reference)
    {
        if (reference.Target.Length == 1)
        {
            // A lone # in a contained resource is the one that holds it, and a way of naming that which refers.
            ToHolder(reference);
            return;
        }

        var contained = _memory.ContainedResources;
        for (int i = _holder.FirstContained; i < contained.Count; i++)
        {
            if (!Names(reference.Target, contained[i].Id)) continue;
            contained[i] = contained[i] with { Used = true };
            if (reference.Targets >= 0 && !_r4.MayLeadTo(reference.Targets, contained[i].Type)) Report(LintCode.WrongReferenceTarget, reference.At);
            return;
        }

        // An address that is only a fragment may mean anything; a reference must lead somewhere.
        if (reference.IsReference) Report(LintCode.BrokenReference, reference.At, rule: "ref-1");
    }

    private readonly void ToHolder(LintMemory.LocalReference reference)
    {
        if (!reference.IsReference) return;
        if (!reference.FromContained)
        {
            Report(LintCode.BrokenReference, reference.At, rule: "ref-1");
            return;
        }

        if (reference.Targets >= 0 && !_r4.MayLeadTo(reference.Targets, _holder.Type)) Report(LintCode.WrongReferenceTarget, reference.At);

        var contained = _memory.ContainedResources;
        for (int i = _holder.FirstContained; i < contained.Count; i++)
        {
            // The contained resource that the reference stands in closes after it: the first one that ends later than the reference begins.
            bool last = i + 1 == contained.Count || contained[i + 1].At > reference.At;
            if (contained[i].At > reference.At || !last) continue;
            contained[i] = contained[i] with { Used = true };
            return;
        }
    }

    private readonly bool IsContained(Run id)
    {
        var contained = _memory.ContainedResources;
        for (int i = _holder.FirstContained; i < contained.Count; i++)
            if (!contained[i].Id.IsMissing && Text(contained[i].Id).SequenceEqual(Raw(id))) return true;
        return false;
    }

    private readonly bool Names(Run reference, Run id) => !id.IsMissing && Text(reference)[1..].SequenceEqual(Raw(id));

    /// <summary>An id as it stands: its letters need no escapes, so one written with them is taken for another.</summary>
    private readonly ReadOnlySpan<byte> Raw(Run run) => _json.Slice(run.At, run.Length);
}
