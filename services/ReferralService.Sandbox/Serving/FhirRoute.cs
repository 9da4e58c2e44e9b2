using System.Text.RegularExpressions;

namespace ReferralService.Sandbox.Serving;

internal enum FhirTarget { System, Metadata, Type, Search, Instance, Version, Operation, Unknown }

/// <summary>A path below the base, read as FHIR's REST rules read it (R4 http.html).</summary>
internal sealed partial record FhirRoute(FhirTarget Target, string? Type = null, string? Id = null, string? Version = null, string? Operation = null)
{
    /// <param name="path">Below the base, e.g. <c>/Patient/1</c>; empty for the base itself.</param>
    public static FhirRoute Parse(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length > 0 && parts[0] != "metadata" && !TypeName().IsMatch(parts[0])) return new FhirRoute(FhirTarget.Unknown);
        return parts switch
        {
            [] => new FhirRoute(FhirTarget.System),
            ["metadata"] => new FhirRoute(FhirTarget.Metadata),
            [var type] => new FhirRoute(FhirTarget.Type, type),
            [var type, "_search"] => new FhirRoute(FhirTarget.Search, type),
            [var type, var id] when ResourceId().IsMatch(id) => new FhirRoute(FhirTarget.Instance, type, id),
            [var type, var id, "_history", var version] when ResourceId().IsMatch(id) => new FhirRoute(FhirTarget.Version, type, id, version),
            [var type, var id, ['$', .. var operation]] when ResourceId().IsMatch(id) => new FhirRoute(FhirTarget.Operation, type, id, Operation: operation),
            _ => new FhirRoute(FhirTarget.Unknown),
        };
    }

    [GeneratedRegex("^[A-Z][A-Za-z]+$")]
    private static partial Regex TypeName();

    /// <summary>R4 datatypes.html#id, and what servers give out beyond it: longer ones, underscores.</summary>
    [GeneratedRegex(@"^(?!(\.{1,2}|_history|_search)$)[A-Za-z0-9\-._~]{1,256}$")]
    public static partial Regex ResourceId();
}
