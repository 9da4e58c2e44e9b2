using ReferralService.Fhir.References;
using ReferralService.Gathering;

namespace ReferralService.Packaging;

/// <summary>What the references of a carried resource become in a transaction, where its own address no longer tells what they are relative to.</summary>
internal sealed class OutwardReferences(PackageContents contents)
{
    /// <summary>
    /// Into the package: the entry's urn. Out of it: absolute at the EHR (a conditional one too, lest the recipient resolve it among its own
    /// patients). Contained, urn, canonical and absolute ones elsewhere: null, they stay as they are.
    /// </summary>
    public string? Replacement(FoundReference found)
    {
        var target = contents.Target(found.Text);
        if (target is not null && !found.Text.Contains("/_history/", StringComparison.Ordinal)) return target.FullUrl;
        var reference = FhirReference.Parse(found.Text);
        if (target is not null && IsTheVersion(reference, target.Resource)) return target.FullUrl;
        return reference.Kind switch
        {
            ReferenceKind.Relative or ReferenceKind.Conditional => $"{contents.Ehr.Base}/{found.Text}",
            ReferenceKind.Other when found.Site == ReferenceSite.AttachmentUrl => AbsoluteAddress(found.Text),
            _ => null,
        };
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
