using System.Globalization;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.RecipientDirectory;

/// <summary>Finds our package identifier (<c>urn:ietf:rfc:3986 | urn:uuid:{package id}</c>) in what a recipient shows.</summary>
internal static class IdentifierReading
{
    public const string System = "urn:ietf:rfc:3986";

    public static string Value(Guid packageId) => $"urn:uuid:{packageId}";

    /// <summary>Whether a resource's top-level identifier is ours: one in a Bundle, several in a Task.</summary>
    /// <exception cref="Fhir.Errors.FhirFormatException">The element has the wrong JSON shape.</exception>
    public static bool IsOurs(RawResource resource, Guid packageId)
    {
        var e = ElementReader.Open(resource);
        while (e.Next())
        {
            if (!e.Is("identifier"u8))
            {
                e.Skip();
            }
            else if (e.AtObject())
            {
                return e.Identifier() is { } one && Is(one, packageId);
            }
            else
            {
                return e.Identifiers().Any(i => Is(i, packageId));
            }
        }

        return false;
    }

    /// <summary>Bundle.timestamp; null where there is none, or none that can be read.</summary>
    public static DateTimeOffset? Timestamp(RawResource resource)
    {
        var e = ElementReader.Open(resource);
        while (e.Next())
        {
            if (e.Is("timestamp"u8))
            {
                return DateTimeOffset.TryParse(e.Text(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
            }

            e.Skip();
        }

        return null;
    }

    private static bool Is(FhirIdentifier identifier, Guid packageId)
        => identifier.System == System && string.Equals(identifier.Value, Value(packageId), StringComparison.OrdinalIgnoreCase);
}
