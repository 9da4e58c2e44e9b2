using System.Text.RegularExpressions;
using ReferralService.Fhir.Validation;
using ReferralService.Gathering;

namespace ReferralService.Packaging.Conformance;

/// <summary>Compares everything that is carried with R4's structure. It changes nothing.</summary>
/// <remarks>A resource is looked at as it stands in the spool, without its long runs of base64: of those only gathering has seen whether they are base64.</remarks>
internal sealed partial class CarriedLint
{
    /// <summary>Resources listed one by one, and findings of each: a manifest stays readable, and small beside its package.</summary>
    public const int MostListed = 500, MostFindings = 10;

    /// <summary>Places told where only a line is read.</summary>
    private const int MostTold = 3;

    private readonly List<ManifestConformance> _listed = [];
    private readonly List<(string Path, int Resources)> _errorPaths = [];
    private int _others, _errorsOfOthers, _warningsOfOthers;

    /// <summary>Where the first error is: a type and R4's element names, no ids and no index; null when there is none.</summary>
    public string? FirstError => _errorPaths.Count == 0 ? null : _errorPaths[0].Path;

    /// <summary>The few such places that most resources have, with how many: <c>Observation.status (3), Condition.? (1), 2 more</c>.</summary>
    public string ErrorPlaces
    {
        get
        {
            string told = string.Join(", ", _errorPaths.OrderByDescending(p => p.Resources).Take(MostTold).Select(p => $"{p.Path} ({p.Resources})"));
            return _errorPaths.Count > MostTold ? $"{told}, {_errorPaths.Count - MostTold} more" : told;
        }
    }

    /// <summary>How many resources have an error.</summary>
    public int WithErrors { get; private set; }

    /// <summary>In the package's order; the last row stands for those beyond <see cref="MostListed"/>.</summary>
    public IReadOnlyList<ManifestConformance> Rows
        => _others == 0 ? _listed : [.. _listed, new ManifestConformance(null, _others, _errorsOfOthers, _warningsOfOthers, [])];

    /// <summary>Every resource in turn, in the package's order.</summary>
    /// <exception cref="InvalidDataException">The spool was damaged since the record was gathered.</exception>
    public void Take(GatheredResource resource, BodyTokens bodies)
    {
        var report = ResourceLint.Check(bodies.Bytes(resource), bodies.Tokens, resource.Cuts, MostFindings);
        if (report.Errors + report.Warnings > 0) Take(resource, report);
    }

    private void Take(GatheredResource resource, LintReport report)
    {
        // Ids are wider here than in R4 (ADR 0007): told, and no reason to hold anything.
        int ids = report.Findings.Count(f => IsWideId(resource, f));
        var (errors, warnings) = (report.Errors - ids, report.Warnings + ids);
        if (errors > 0)
        {
            WithErrors++;
            var places = report.Findings.Where(f => f.Severity == LintSeverity.Error && !IsWideId(resource, f)).Select(Place).Distinct().ToList();
            foreach (string place in places.Count == 0 ? [resource.Key.Type] : places) Count(place);
        }

        if (_listed.Count < MostListed)
        {
            _listed.Add(new ManifestConformance(resource.Key.ToString(), 1, errors, warnings, [.. report.Findings.Select(f => Row(resource, f))]));
            return;
        }

        (_others, _errorsOfOthers, _warningsOfOthers) = (_others + 1, _errorsOfOthers + errors, _warningsOfOthers + warnings);
    }

    private void Count(string place)
    {
        int at = _errorPaths.FindIndex(p => p.Path == place);
        if (at >= 0) _errorPaths[at] = (place, _errorPaths[at].Resources + 1);
        else _errorPaths.Add((place, 1));
    }

    /// <summary>For plain columns and messages: without indexes, and without the name of an element that R4 does not know, which may be anything.</summary>
    private static string Place(LintFinding finding)
    {
        string path = Indexes().Replace(finding.Path ?? "", "");
        int dot = path.LastIndexOf('.');
        return finding.Code == LintCode.UnknownElement && dot > 0 ? $"{path[..dot]}.?" : path;
    }

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Indexes();

    private static ManifestFinding Row(GatheredResource resource, LintFinding finding)
        => new(finding.Severity == LintSeverity.Warning || IsWideId(resource, finding) ? "warning" : "error", finding.Code, finding.Path, finding.Rule);

    private static bool IsWideId(GatheredResource resource, LintFinding finding)
        => finding is { Code: LintCode.BadPrimitive, Severity: LintSeverity.Error, Path: { } path } && path == $"{resource.Key.Type}.id";
}
