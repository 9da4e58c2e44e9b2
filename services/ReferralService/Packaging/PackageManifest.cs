using System.Text.Json.Serialization;
using ReferralService.Gathering;
using ReferralService.Gathering.Plans;
using ReferralService.Packaging.Conformance;
using ReferralService.Packaging.Withholding;

namespace ReferralService.Packaging;

/// <summary>What is in a package and why, what was left out and why (docs/interfaces.md, "The package").</summary>
internal sealed record PackageManifest
{
    public required Guid ReferralId { get; init; }
    public required Guid PackageId { get; init; }
    public IReadOnlyList<ManifestPlan> Plan { get; init; } = [];
    public required IReadOnlyList<ManifestItem> Included { get; init; }
    public required IReadOnlyList<ManifestOmission> Omitted { get; init; }
    public IReadOnlyList<ManifestCheck> Checklist { get; init; } = [];

    /// <summary>What in the newest results must catch the eye; says no value.</summary>
    public IReadOnlyList<PlanAlarm> Alarms { get; init; } = [];
    public required ConsentAccount Consent { get; init; }

    /// <summary>Carried resources that are not as R4 says; sent untouched.</summary>
    public required IReadOnlyList<ManifestConformance> Validation { get; init; }
    public required IReadOnlyList<ManifestSearch> Searches { get; init; }

    /// <summary>For each image study inside whether the recipient can ask for the images.</summary>
    public IReadOnlyList<StudyAccess> Imaging { get; init; } = [];

    /// <summary>What we write ourselves (Composition, Device, Provenance, Task) has no source and is not listed.</summary>
    public static PackageManifest Of(
        PackageOrder order,
        PackageContents contents,
        IReadOnlyList<ManifestOmission> omitted,
        ConsentAccount consent,
        IReadOnlyList<ManifestConformance> validation,
        IReadOnlyList<SearchRecord> searches,
        PlannedRecord? planned,
        IReadOnlyList<StudyAccess> imaging) => new()
        {
            ReferralId = order.Referral.Value,
            PackageId = order.PackageId,
            Plan = [.. (planned?.Plans ?? []).Select(p => new ManifestPlan(p.Plan.Id, p.Plan.Version.ToString(), p.Because))],
            Checklist = [.. (planned?.Checklist.Rows ?? []).Select(ManifestCheck.Of)],
            Alarms = planned?.Checklist.Alarms ?? [],
            Included = new ManifestItems(contents),
            Omitted = omitted,
            Imaging = imaging,
            Consent = consent,
            Validation = validation,
            Searches =
            [
                .. searches
                    .Select(s => new ManifestSearch(s.Type, s.Rule, s.Query, s.Pages, s.Found, s.Kept, s.IgnoredParameters, s.Refusal))
                    .OrderBy(s => s.Type, StringComparer.Ordinal)
                    .ThenBy(s => s.Rule, StringComparer.Ordinal)
                    .ThenBy(s => s.Query, StringComparer.Ordinal),
            ],
        };
}

/// <param name="Because">What in the order chose it, e.g. <c>psa-words &lt; ServiceRequest.code</c>.</param>
internal sealed record ManifestPlan(string Id, string Version, IReadOnlyList<string> Because);

/// <param name="FullUrl">In the package; of a linked file without query.</param>
/// <param name="Source">Absolute URL at the EHR; of a linked file where it was fetched, without query.</param>
/// <param name="Sha256">64 hex digits, of the bytes received.</param>
internal sealed record ManifestItem(string FullUrl, string Source, string? VersionId, string? LastUpdated, string Sha256, int Bytes, IReadOnlyList<string> Reasons)
{
    /// <summary>Of a result or document that is not simply final: preliminary, partial, registered, corrected, amended, appended.</summary>
    public string? Status { get; init; }

    /// <summary>Other URLs that lead to the same file, without query.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? AlsoAt { get; init; }

    public static ManifestItem Of(PackageEntry entry)
    {
        var resource = entry.Resource;
        string[] reasons = resource.Reasons is [var only] ? [Say(only)] : [.. resource.Reasons.Select(Say).Distinct().Order(StringComparer.Ordinal)];
        return new ManifestItem(entry.ShownUrl, entry.Source, resource.VersionId, resource.LastUpdated, resource.Sha256.ToString(), resource.Length, reasons) { Status = resource.Standing, AlsoAt = entry.AlsoAt };
    }

    internal static string Say(InclusionReason reason) => reason.From is null ? reason.Rule : $"{reason.Rule} < {reason.From}";
}

internal sealed record ManifestOmission(string Reference, string Reason, string Rule);

/// <param name="Item">Its rule: <c>plan:urology-psa/psa-series</c>.</param>
/// <param name="Status">present, stale or absent.</param>
/// <param name="Date">Of the newest, to the day.</param>
/// <param name="Need">must or should.</param>
/// <param name="Lacks">What was wanted with it and is not there: attachment, imaging.</param>
internal sealed record ManifestCheck(string Item, string Status, string? Date, string Label, string Need, IReadOnlyList<string> Lacks)
{
    public static ManifestCheck Of(ChecklistRow row) => new(
        row.Item,
        row.Status switch { CheckStatus.Present => "present", CheckStatus.Stale => "stale", CheckStatus.Absent => "absent", _ => throw new ArgumentOutOfRangeException(nameof(row)) },
        row.Date, row.Label, row.Must ? "must" : "should", row.Lacks);
}

/// <param name="Refusal">Why the EHR did not answer it in this form; null: it did.</param>
internal sealed record ManifestSearch(string Type, string Rule, string Query, int Pages, int Found, int Kept, IReadOnlyList<string> IgnoredParameters, string? Refusal);
