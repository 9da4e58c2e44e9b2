namespace ReferralService.Packaging.Conformance;

/// <summary>What was found about one carried resource; or, without reference, about all those that are not listed one by one.</summary>
/// <param name="Reference"><c>Type/id</c>; null: the rest.</param>
/// <param name="Resources">How many it is about.</param>
/// <param name="Findings">The first few.</param>
internal sealed record ManifestConformance(string? Reference, int Resources, int Errors, int Warnings, IReadOnlyList<ManifestFinding> Findings);

/// <param name="Severity">error: R4 says SHALL; warning: odd, or not sure.</param>
/// <param name="Code">A code of <see cref="Fhir.Validation.LintCode"/>.</param>
/// <param name="Path">As FHIRPath writes it; never what stands there.</param>
/// <param name="Rule">R4's key, where it has one.</param>
internal sealed record ManifestFinding(string Severity, string Code, string? Path, string? Rule);
