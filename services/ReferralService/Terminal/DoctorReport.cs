using System.Text.Json.Serialization;
using ReferralService.Doctor;

namespace ReferralService.Terminal;

/// <summary>What <c>doctor --json</c> prints.</summary>
/// <param name="Status">pass, warn or fail: the worst of the checks.</param>
internal sealed record DoctorReport(
    string Status, int Passed, int Warnings, int Failed, IReadOnlyList<ReportedFinding> Checks,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ExplainedSetting>? Settings)
{
    public static DoctorReport Of(IReadOnlyList<Finding> findings, IReadOnlyList<ExplainedSetting>? settings) => new(
        Name(findings.Select(finding => finding.Standing).DefaultIfEmpty(Standing.Pass).Max()),
        findings.Count(finding => finding.Standing == Standing.Pass), findings.Count(finding => finding.Standing == Standing.Warn), findings.Count(finding => finding.Standing == Standing.Fail),
        [.. findings.Select(finding => new ReportedFinding(Name(finding.Standing), finding.Area, finding.Name, finding.Code, finding.What, finding.Remedy))],
        settings);

    private static string Name(Standing standing) => standing.ToString().ToLowerInvariant();
}

internal sealed record ReportedFinding(string Status, string Area, string Name, string? Code, string What, string? Remedy);
