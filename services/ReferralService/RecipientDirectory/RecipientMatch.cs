using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.RecipientDirectory;

/// <summary>One entry of a recipient's <c>Matches</c>, in the form it is compared in.</summary>
/// <remarks>A relative reference stands for the one EHR's resource, so it keeps its <c>Type/id</c>; an absolute one is compared as a normalized URL; an identifier as <c>system|value</c>.</remarks>
internal static class RecipientMatch
{
    /// <summary>What is wrong with an entry, or null.</summary>
    public static string? Fault(string entry, int ehrs)
    {
        var bar = entry.IndexOf('|', StringComparison.Ordinal);
        if (bar >= 0)
        {
            return bar == 0 || bar == entry.Length - 1 ? "needs a system before and a value after the |, e.g. http://hl7.org/fhir/sid/us-npi|1234567893" : null;
        }

        return FhirReference.Parse(entry) switch
        {
            { Version: not null } => "must not name a version of a resource",
            { Kind: ReferenceKind.Absolute } => null,
            { Kind: ReferenceKind.Relative } when ehrs <= 1 => null,
            { Kind: ReferenceKind.Relative } => "is relative, which says nothing where several EHRs are configured; write the absolute URL",
            _ => "must be Type/id, an absolute URL that ends in Type/id, or system|value",
        };
    }

    /// <summary>The key of a configured entry.</summary>
    public static string Key(string entry) => entry.Contains('|', StringComparison.Ordinal) ? entry : Key(FhirReference.Parse(entry)) ?? entry;

    /// <summary>The key of an identifier; null when it lacks system or value, which then says nothing.</summary>
    public static string? Key(FhirIdentifier identifier)
        => string.IsNullOrEmpty(identifier.System) || string.IsNullOrEmpty(identifier.Value) ? null : $"{identifier.System}|{identifier.Value}";

    /// <summary>The key of a literal reference as written: <c>Type/id</c> or an absolute URL without version; null for anything else.</summary>
    public static string? Key(FhirReference reference) => reference.Kind switch
    {
        ReferenceKind.Relative => $"{reference.Type}/{reference.Id}",
        ReferenceKind.Absolute => Absolute(reference.AbsoluteUrl("")!),
        _ => null,
    };

    /// <summary>One spelling of an absolute URL: scheme and host in lower case, no default port.</summary>
    public static string Absolute(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.AbsoluteUri : url;
}
