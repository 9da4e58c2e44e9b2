using ReferralService.Fhir.Validation.Definitions;

namespace ReferralService.Fhir.Validation;

/// <summary>What some types demand beyond their elements, looked at when the object closes.</summary>
internal ref partial struct LintWalk
{
    private readonly ulong BitOf(in TypeRow type, ReadOnlySpan<byte> name) => _r4.Elements[_r4.Find(type, name)].Bit;

    /// <summary>ext-1: a value or extensions, one of them.</summary>
    private readonly void EndExtension(in TypeRow type, ref Frame frame, long start)
    {
        ulong all = frame.Values | frame.Beside;
        bool value = (all & BitOf(type, "valueString"u8)) != 0, nested = (all & BitOf(type, "extension"u8)) != 0;
        if (value == nested) Report(LintCode.Invariant, start, rule: "ext-1");
    }

    private readonly void EndCoding(ref Frame frame, ref Frame parent, long start)
    {
        if (frame.Codes < 0 || frame.First.IsMissing) return;
        scoped Span<byte> room = stackalloc byte[128];
        scoped var code = Text(frame.First);
        // Both may be written with escapes, and there is one scratch; the codes we know are short.
        if (frame.First.Escaped)
        {
            if (code.Length > room.Length) return;
            code.CopyTo(room);
            code = room[..code.Length];
        }

        var fit = _r4.CodeSets[frame.Codes].Fit(code, Text(frame.Second), !frame.Second.IsMissing);
        if (parent.Role == TypeRole.CodeableConcept && parent.Codes >= 0)
        {
            if (fit > parent.Fit) parent.Fit = fit;
        }
        else
        {
            Tell(fit, start);
        }
    }

    /// <summary>Of a concept's codings one must be of the required set; one that is only text cannot be told.</summary>
    private readonly void EndConcept(in TypeRow type, ref Frame frame, long start)
    {
        if (frame.Codes < 0) return;
        bool coded = (frame.Values & BitOf(type, "coding"u8)) != 0;
        Tell(coded ? frame.Fit : CodeFit.WithoutSystem, start);
    }

    private readonly void Tell(CodeFit fit, long at)
    {
        if (fit != CodeFit.Yes) Report(LintCode.UnknownCode, at, fit == CodeFit.No ? LintSeverity.Error : LintSeverity.Warning);
    }

    /// <summary>dom-4 and dom-5: a contained resource has no life of its own.</summary>
    private readonly void EndMeta(in TypeRow type, ref Frame frame, ref Frame parent, long start)
    {
        if (!_holder.InContained || !parent.IsResource) return;
        ulong all = frame.Values | frame.Beside;
        if ((all & (BitOf(type, "versionId"u8) | BitOf(type, "lastUpdated"u8))) != 0) Report(LintCode.BadContained, start, rule: "dom-4");
        if ((all & BitOf(type, "security"u8)) != 0) Report(LintCode.BadContained, start, rule: "dom-5");
    }

    private readonly void EndResource(in TypeRow type, ref Frame frame, long start)
    {
        if (!_holder.InContained) return;
        if (frame.First.IsMissing) Report(LintCode.BadContained, start, below: "id");
        else if (IsContained(frame.First)) Report(LintCode.BadContained, start, below: "id");
        _memory.ContainedResources.Add(new LintMemory.Contained(frame.First, frame.Type, start, Used: false));
    }
}
