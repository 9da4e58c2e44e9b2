using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;
using ReferralService.Gathering.Files;
using ReferralService.Gathering.Plans;
using ReferralService.Packaging.Withholding;

namespace ReferralService.Packaging;

/// <summary>What a recipient is told of a record that does not go whole: as if what is withheld had never been there, but for how many items that is.</summary>
internal static class OutsideView
{
    /// <summary>What is missing, without the holes that only what is withheld has, and without the sender's own affair that Consents could not be read.</summary>
    /// <param name="record">As gathered.</param>
    public static IReadOnlyList<ManifestOmission> Omitted(IReadOnlyList<ManifestOmission> omitted, GatheredRecord record, PackageContents contents)
    {
        var told = omitted.Where(o => FhirReference.Parse(o.Reference).Type != "Consent" || WithheldReason.Is(o.Reason));
        if (IsWhole(record, contents)) return [.. told];

        // Withheld with the newer one that replaces it: that there is a newer one would tell.
        var counted = omitted.Where(o => WithheldReason.Is(o.Reason)).Select(o => o.Reference).ToHashSet(StringComparer.Ordinal);
        told = told.Where(o => o.Reason != GapReason.Replaced || !counted.Contains(o.Reference));

        var carried = contents.Entries.Select(e => e.Resource.Key).ToHashSet();
        var withheld = record.Resources.Where(r => !carried.Contains(r.Key)).ToList();
        var named = Named(contents.Entries.Select(e => e.Resource), contents.Ehr);
        var hidden = Named(withheld, contents.Ehr);
        hidden.ExceptWith(named);
        hidden.UnionWith(withheld.Select(r => $"{contents.Ehr.Base}/{r.Key}"));
        return [.. told.Where(o => WithheldReason.Is(o.Reason) || !hidden.Contains(contents.Ehr.UrlOf(FhirReference.Parse(o.Reference)) ?? o.Reference))];
    }

    /// <summary>The checklist over what goes: what was chosen by a plan and is withheld is judged as absent, and the newest of the rest is the newest.</summary>
    public static PlannedRecord? Planned(GatheredRecord record, PackageContents contents)
    {
        if (record.Planned is not { } planned || IsWhole(record, contents)) return record.Planned;
        var carried = contents.Entries.ToDictionary(e => e.Resource.Key, e => e.Resource);
        byte[] buffer = [];
        return planned.HadThereBeenOnly(carried.Keys.ToHashSet(), key => RelevanceReading.Read(RawResource.Read(record.ThinBody(carried[key], ref buffer))));
    }

    private static bool IsWhole(GatheredRecord record, PackageContents contents) => record.Resources.Count == contents.Entries.Count;

    /// <summary>All that they refer to: URLs at the EHR, searches and files in gathering's words, and else as written.</summary>
    private static HashSet<string> Named(IEnumerable<GatheredResource> resources, EhrAddress ehr)
        => resources.SelectMany(r => r.References).Select(r => (r.Site, To: FhirReference.Parse(r.Text)))
            .Select(r => r.To.Kind == ReferenceKind.Conditional ? $"{r.To.Type}?conditional"
                : ehr.UrlOf(r.To) ?? (r.Site == ReferenceSite.AttachmentUrl ? FileLink.ShowWritten(r.To.Text, ehr.Base) : r.To.Text))
            .ToHashSet(StringComparer.Ordinal);
}
