namespace ReferralService.Sandbox.Demo;

/// <summary>A manifest as an engineer reads it (docs/interfaces.md): what is in a package and why, what is not and why.</summary>
internal sealed record ManifestFacts(
    IReadOnlyList<PlanFacts> Plan, IReadOnlyList<IncludedFacts> Included, IReadOnlyList<OmittedFacts> Omitted, IReadOnlyList<CheckFacts> Checklist, ConsentFacts Consent, IReadOnlyList<SearchFacts> Searches, IReadOnlyList<ImagingFacts> Imaging);

/// <param name="Because">What in the order chose it.</param>
internal sealed record PlanFacts(string Id, string Version, IReadOnlyList<string> Because);

internal sealed record IncludedFacts(string Source, IReadOnlyList<string> Reasons)
{
    /// <summary><c>Type/id</c>.</summary>
    public string Key => string.Join('/', Source.Split('/')[^2..]);
}

/// <param name="Access">By what the images can be asked for: connection types of Endpoints inside.</param>
internal sealed record ImagingFacts(string Study, bool StudyUid, IReadOnlyList<string> Access);

internal sealed record OmittedFacts(string Reference, string Reason, string Rule);

internal sealed record CheckFacts(string Item, string Status, string? Date, string Label, string Need, IReadOnlyList<string> Lacks);

internal sealed record ConsentFacts(string Basis, string Default, int DefaultCarried, IReadOnlyList<ConsideredFacts> Considered, IReadOnlyDictionary<string, int> Withheld, IReadOnlyDictionary<string, int> Inferred, IReadOnlyList<string> SecurityLabels);

internal sealed record ConsideredFacts(string Reference, string? Version, string Decision, int Carried, int Withheld);

internal sealed record SearchFacts(string Type, string Query);

/// <summary>What a preview answered: a manifest, or why there would be none.</summary>
/// <param name="Missing">Items of record plans that are wanted.</param>
internal sealed record PreviewFacts(int Status, ManifestFacts? Manifest, string? Code, IReadOnlyList<string> Missing);
