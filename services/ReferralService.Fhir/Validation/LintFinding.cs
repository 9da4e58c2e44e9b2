namespace ReferralService.Fhir.Validation;

public enum LintSeverity
{
    /// <summary>Odd, yet R4 does not forbid it, or we cannot be sure.</summary>
    Warning,

    /// <summary>R4 says SHALL.</summary>
    Error,
}

/// <summary>One thing about a resource that R4 does not allow. Says where and what, never what stood there.</summary>
/// <param name="Code">One of <see cref="LintCode"/>.</param>
/// <param name="Path">From the resource's type down, FHIRPath's way: <c>Patient.contact[0].name.given[1]</c>; null when there is no resource to speak of.</param>
/// <param name="Rule">R4's key of the rule (<c>dom-3</c>), where it has one.</param>
public readonly record struct LintFinding(string Code, LintSeverity Severity, string? Path, string? Rule = null);
