namespace ReferralService.Packaging.Withholding;

/// <summary>The manifest's <c>consent</c>: on what the decision rests. For the sender's privacy role; no recipient sees it.</summary>
/// <param name="Basis"><c>consent</c>: at least one spoke of something; <c>default</c>: none did.</param>
/// <param name="Default">The rule for what no consent speaks of, as it was applied.</param>
/// <param name="DefaultCarried">How many resources went by it.</param>
/// <param name="MaybeMore">The EHR could not be asked for all Consents.</param>
/// <param name="Withheld">Counts by reason.</param>
/// <param name="Inferred">Counts of resources by the rules that labelled them by their codes, <c>id/version</c>.</param>
/// <param name="UnknownLabels">How many labels of the EHR's were not known to us.</param>
/// <param name="NotInferable">Sensitivities that a consent denies and that only the EHR's own labels can tell: no list of codes speaks of them.</param>
/// <param name="SecurityLabels">The package's high-water mark, as <c>system|code</c>.</param>
internal sealed record ConsentAccount(
    string Basis,
    string Default,
    int DefaultCarried,
    bool MaybeMore,
    string Purpose,
    IReadOnlyList<ConsentAccountEntry> Considered,
    IReadOnlyDictionary<string, int> Withheld,
    IReadOnlyDictionary<string, int> Inferred,
    int UnknownLabels,
    IReadOnlyList<string> NotInferable,
    IReadOnlyList<string> SecurityLabels,
    bool Part2);

/// <param name="Reference"><c>Consent/id</c>.</param>
/// <param name="Decision">permits, denies, mixed, silent; or why it had no part: not-active, other-scope, other-patient, not-in-force.</param>
internal sealed record ConsentAccountEntry(string Reference, string? Version, string? DateTime, string Decision, int Carried, int Withheld, bool Unclear);
