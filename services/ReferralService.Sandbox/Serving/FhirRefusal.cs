namespace ReferralService.Sandbox.Serving;

/// <summary>A request the server does not serve: becomes the status and an OperationOutcome.</summary>
/// <param name="issue">R4 issue-type.</param>
internal sealed class FhirRefusal(int status, string issue, string diagnostics) : Exception(diagnostics)
{
    public int Status { get; } = status;

    public string Issue { get; } = issue;
}
