using ReferralService.Fhir.Validation;
using ReferralService.Gathering;

namespace ReferralService.Packaging.Conformance;

/// <summary>Compares everything that is carried with R4's structure. It changes nothing.</summary>
/// <remarks>A resource is looked at as it stands in the spool, without its long runs of base64: of those only gathering has seen whether they are base64.</remarks>
internal sealed class CarriedLint
{
    /// <summary>Resources listed one by one, and findings of each: a manifest stays readable, and small beside its package.</summary>
    public const int MostListed = 500, MostFindings = 10;

    private readonly List<ManifestConformance> _listed = [];
    private int _others, _errorsOfOthers, _warningsOfOthers;

    private CarriedLint() { }

    /// <summary>Where the first error is: a type and element names, no ids; null when there is none.</summary>
    public string? FirstError { get; private set; }

    /// <summary>How many resources have an error.</summary>
    public int WithErrors { get; private set; }

    /// <summary>In the package's order; the last row stands for those beyond <see cref="MostListed"/>.</summary>
    public IReadOnlyList<ManifestConformance> Rows
        => _others == 0 ? _listed : [.. _listed, new ManifestConformance(null, _others, _errorsOfOthers, _warningsOfOthers, [])];

    /// <exception cref="InvalidDataException">The spool was damaged since the record was gathered.</exception>
    public static CarriedLint Of(CarriedBodies bodies, IEnumerable<GatheredResource> resources, CancellationToken cancellationToken)
    {
        var lint = new CarriedLint();
        foreach (var resource in resources)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var report = ResourceLint.Check(bodies.ReadThin(resource).Span, resource.Cuts, MostFindings);
            if (report.Errors + report.Warnings > 0) lint.Take(resource, report);
        }

        return lint;
    }

    private void Take(GatheredResource resource, LintReport report)
    {
        // Ids are wider here than in R4 (ADR 0007): told, and no reason to hold anything.
        int ids = report.Findings.Count(f => IsWideId(resource, f));
        var (errors, warnings) = (report.Errors - ids, report.Warnings + ids);
        if (errors > 0)
        {
            WithErrors++;
            FirstError ??= report.Findings.FirstOrDefault(f => f.Severity == LintSeverity.Error && !IsWideId(resource, f)).Path ?? resource.Key.Type;
        }

        if (_listed.Count < MostListed)
        {
            _listed.Add(new ManifestConformance(resource.Key.ToString(), 1, errors, warnings, [.. report.Findings.Select(f => Row(resource, f))]));
            return;
        }

        (_others, _errorsOfOthers, _warningsOfOthers) = (_others + 1, _errorsOfOthers + errors, _warningsOfOthers + warnings);
    }

    private static ManifestFinding Row(GatheredResource resource, LintFinding finding)
        => new(finding.Severity == LintSeverity.Warning || IsWideId(resource, finding) ? "warning" : "error", finding.Code, finding.Path, finding.Rule);

    private static bool IsWideId(GatheredResource resource, LintFinding finding)
        => finding is { Code: LintCode.BadPrimitive, Severity: LintSeverity.Error, Path: { } path } && path == $"{resource.Key.Type}.id";
}
