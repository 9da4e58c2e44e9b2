using System.Buffers;
using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Errors;

/// <summary>One issue we report.</summary>
/// <param name="Severity">fatal, error, warning or information.</param>
/// <param name="Code">R4 issue-type.</param>
/// <param name="Diagnostics">Our own static text: what is wrong and what to do; never a value from a record.</param>
/// <param name="Expression">Element path.</param>
/// <param name="DetailsSystem">Code system of <paramref name="DetailsCode"/>.</param>
/// <param name="DetailsCode">Our permanent code.</param>
public readonly record struct ReportedIssue(
    string Severity, string Code, string? Diagnostics = null, string? Expression = null, string? DetailsSystem = null, string? DetailsCode = null);

/// <summary>Writes an OperationOutcome, compact, elements in R4's order.</summary>
public static class OperationOutcomeWriter
{
    /// <param name="issues">At least one: R4 wants issue 1..*.</param>
    public static void Write(IBufferWriter<byte> output, params ReadOnlySpan<ReportedIssue> issues)
    {
        if (issues.IsEmpty) throw new ArgumentException("An OperationOutcome has at least one issue.", nameof(issues));
        output.Write("{\"resourceType\":\"OperationOutcome\",\"issue\":["u8);
        for (int i = 0; i < issues.Length; i++)
        {
            output.Write(i == 0 ? "{\"severity\":"u8 : ",{\"severity\":"u8);
            Issue(output, issues[i]);
        }

        output.Write("]}"u8);
    }

    /// <summary>The outcome of a fault in what was sent.</summary>
    /// <param name="detailsSystem">Code system in which <see cref="FhirFormatException.Code"/> is given.</param>
    public static void Write(IBufferWriter<byte> output, FhirFormatException fault, string detailsSystem)
        => Write(output, new ReportedIssue("error", fault.IssueType, fault.Message, fault.Path, detailsSystem, fault.Code));

    private static void Issue(IBufferWriter<byte> output, in ReportedIssue issue)
    {
        JsonStrings.WriteQuoted(output, issue.Severity);
        output.Write(",\"code\":"u8);
        JsonStrings.WriteQuoted(output, issue.Code);
        if (issue.DetailsCode is not null)
        {
            output.Write(",\"details\":{\"coding\":[{"u8);
            if (issue.DetailsSystem is not null)
            {
                output.Write("\"system\":"u8);
                JsonStrings.WriteQuoted(output, issue.DetailsSystem);
                output.Write(","u8);
            }

            output.Write("\"code\":"u8);
            JsonStrings.WriteQuoted(output, issue.DetailsCode);
            output.Write("}]}"u8);
        }

        if (issue.Diagnostics is not null)
        {
            output.Write(",\"diagnostics\":"u8);
            JsonStrings.WriteQuoted(output, issue.Diagnostics);
        }

        if (issue.Expression is not null)
        {
            output.Write(",\"expression\":["u8);
            JsonStrings.WriteQuoted(output, issue.Expression);
            output.Write("]"u8);
        }

        output.Write("}"u8);
    }
}
