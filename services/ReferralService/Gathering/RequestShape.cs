using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>What a request to a partner asks for, in words of a closed list: <c>Observation</c>, <c>Patient/{id}</c>, <c>metadata</c>. Everything else of an address may tell who is meant.</summary>
internal static class RequestShape
{
    private const string Other = "other";

    public static string Of(Uri? url, Uri baseUrl)
    {
        if (url is null) return Other;
        var (path, root) = (url.AbsolutePath.Trim('/'), baseUrl.AbsolutePath.Trim('/'));
        if (!path.StartsWith(root, StringComparison.Ordinal)) return Other;
        var segments = path[root.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        return segments switch
        {
            [] => "base",
            ["metadata"] => "metadata",
            [var type] when ResourceTypes.Contains(type) => type,
            [var type, "_search"] when ResourceTypes.Contains(type) => type,
            [var type, ['$', ..]] when ResourceTypes.Contains(type) => $"{type}/operation",
            [var type, _] when ResourceTypes.Contains(type) => $"{type}/{{id}}",
            [var type, _, ..] when ResourceTypes.Contains(type) => $"{type}/{{id}}/…",
            _ => Other,
        };
    }
}
