using System.Globalization;
using System.Net.Http.Headers;

namespace ReferralService.Fhir.Client;

/// <summary>The headers of an exchange that need judging.</summary>
internal static class FhirMedia
{
    public const string Json = "application/fhir+json";

    public const string Form = "application/x-www-form-urlencoded";

    /// <summary>Longest wait that is believed; what a caller honours is shorter still.</summary>
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromDays(365);

    /// <summary>Whether a type says outright that this is no JSON. Servers send FHIR JSON under many names, none at all included.</summary>
    public static bool IsMarkup(MediaTypeHeaderValue? type)
        => type?.MediaType is { } name
            && (name.Equals("text/html", StringComparison.OrdinalIgnoreCase) || name.EndsWith("xml", StringComparison.OrdinalIgnoreCase));

    /// <summary>Seconds or an HTTP-date (RFC 9110 §10.2.3); null when absent, negative or unreadable.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage answer, DateTimeOffset now)
    {
        if (!answer.Headers.NonValidated.TryGetValues("Retry-After", out var values) || values.Count != 1) return null;
        string text = values.ToString().Trim();
        if (text.Length > 0 && text.All(char.IsAsciiDigit))
        {
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds < LongestRetryAfter.TotalSeconds
                ? TimeSpan.FromSeconds(seconds)
                : LongestRetryAfter;
        }

        if (!RetryConditionHeaderValue.TryParse(text, out var parsed) || parsed.Date is not { } date) return null;
        var wait = date - now;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestRetryAfter ? LongestRetryAfter : wait;
    }
}
