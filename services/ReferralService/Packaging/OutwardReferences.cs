using System.Buffers;
using ReferralService.Fhir.References;
using ReferralService.Gathering;

namespace ReferralService.Packaging;

/// <summary>What the references of a carried resource become in a transaction, where its own address no longer tells what they are relative to.</summary>
/// <remarks>
/// Into the package: the entry's urn. Out of it: absolute at the EHR (a conditional one too, lest the recipient resolve it among its own
/// patients). Contained, urn, canonical and absolute ones elsewhere stay as they are.
/// </remarks>
internal sealed class OutwardReferences(PackageContents contents) : IReferenceReplacement
{
    /// <summary>What would have to be escaped anew where a reference stands: in a narrative XML's characters, everywhere what JSON writes with a backslash.</summary>
    private static readonly SearchValues<byte> NotAsItStands = SearchValues.Create("\\&<>'\""u8);

    private readonly bool _baseIsPlain = !contents.Ehr.Utf8.Span.ContainsAny(NotAsItStands);
    private bool _withinBundle;
    private int _entry;
    private string? _text;

    /// <summary>For the references of this resource. A Bundle within the record resolves its references by its own entries, and may be signed: its inside is left as it is.</summary>
    public OutwardReferences Of(PackageEntry entry)
    {
        _withinBundle = entry.Resource.Key.Type == "Bundle";
        return this;
    }

    public bool Replaces(in FoundReference found)
    {
        (_entry, _text) = (-1, null);
        if (_withinBundle && found.Path.StartsWith("entry.", StringComparison.Ordinal)) return false;
        int target = contents.TargetAt(found.Text);
        if (target >= 0 && !found.Text.Contains("/_history/", StringComparison.Ordinal))
        {
            _entry = target;
            return true;
        }

        if (target < 0 && contents.Ehr.TryRead(found.Text, out _, out _, out bool isRelative)) return isRelative;

        var reference = FhirReference.Parse(found.Text);
        if (target >= 0 && IsTheVersion(reference, contents.ResourceAt(target)))
        {
            _entry = target;
            return true;
        }

        switch (reference.Kind)
        {
            case ReferenceKind.Relative or ReferenceKind.Conditional:
                return true;
            case ReferenceKind.Other when found.Site == ReferenceSite.AttachmentUrl:
                _text = AbsoluteAddress(found.Text);
                return _text is not null;
            default:
                return false;
        }
    }

    public void Write(in FoundReference found, ReadOnlySpan<byte> written, IBufferWriter<byte> output)
    {
        if (_entry >= 0)
        {
            var entry = contents[_entry];
            var room = output.GetSpan(entry.MostUrlBytes);
            output.Advance(entry.WriteFullUrl(room));
        }
        else if (_text is null && _baseIsPlain && !written.ContainsAny(NotAsItStands))
        {
            var ehr = contents.Ehr.Utf8.Span;
            var room = output.GetSpan(ehr.Length + 1 + written.Length);
            ehr.CopyTo(room);
            room[ehr.Length] = (byte)'/';
            written.CopyTo(room[(ehr.Length + 1)..]);
            output.Advance(ehr.Length + 1 + written.Length);
        }
        else
        {
            ReferenceRewriter.WriteText(found.Site, _text ?? $"{contents.Ehr.Base}/{found.Text}", output);
        }
    }

    /// <summary>Another version than the one carried is not in the package: a reference to it leads to the EHR, where it still means what it meant.</summary>
    private static bool IsTheVersion(in FhirReference reference, GatheredResource carried)
        => reference.Version is not { } meant || carried.VersionId is not { } have || meant == have;

    /// <summary>An attachment's address may be relative without naming a resource (R4: to the service's base).</summary>
    private string? AbsoluteAddress(string address)
        => Uri.TryCreate(address, UriKind.Relative, out var relative) && Uri.TryCreate($"{contents.Ehr.Base}/", UriKind.Absolute, out var root)
            ? new Uri(root, relative).AbsoluteUri
            : null;
}
