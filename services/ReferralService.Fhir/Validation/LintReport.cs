namespace ReferralService.Fhir.Validation;

/// <summary>What a check found: the first findings in the order they stand in the resource, and how many there are in all.</summary>
public sealed class LintReport
{
    internal LintReport(IReadOnlyList<LintFinding> findings, int errors, int warnings) => (Findings, Errors, Warnings) = (findings, errors, warnings);

    /// <summary>Nothing found; the same instance each time.</summary>
    public static LintReport Clean { get; } = new([], 0, 0);

    /// <summary>No more than were asked for.</summary>
    public IReadOnlyList<LintFinding> Findings { get; }

    /// <summary>Of all, also of those not kept.</summary>
    public int Errors { get; }

    public int Warnings { get; }

    /// <summary>No error; there may be warnings.</summary>
    public bool Conforms => Errors == 0;
}
