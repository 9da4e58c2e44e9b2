namespace ReferralService.Fhir.Errors;

/// <summary>Bytes that are not the FHIR JSON they should be. Carries where, never what.</summary>
public sealed class FhirFormatException : Exception
{
    public FhirFormatException(string code, string issueType, string? path, string message) : base(message)
        => (Code, IssueType, Path) = (code, issueType, path);

    /// <summary>Permanent code of ours, e.g. <c>json-invalid</c>, <c>json-too-deep</c>, <c>json-duplicate-key</c>, <c>json-too-large</c>, <c>fhir-not-a-resource</c>, <c>fhir-wrong-type</c>, <c>fhir-element-shape</c>.</summary>
    public string Code { get; }

    /// <summary>OperationOutcome.issue.code (R4 issue-type): structure, too-long, invalid, value …</summary>
    public string IssueType { get; }

    /// <summary>Element path, when known.</summary>
    public string? Path { get; }
}
