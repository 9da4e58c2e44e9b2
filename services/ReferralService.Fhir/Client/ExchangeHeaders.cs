using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace ReferralService.Fhir.Client;

/// <summary>The headers of an exchange that need judging.</summary>
internal static class ExchangeHeaders
{
    public const string Json = "application/fhir+json";

    public const string Form = "application/x-www-form-urlencoded";

    /// <summary>Longest wait that is believed; what a caller honours is shorter still.</summary>
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromDays(365);

    /// <summary>Whether an answer says outright that it is no JSON. Servers send FHIR JSON under many names, none at all included.</summary>
    public static bool IsMarkup(HttpResponseMessage answer)
    {
        if (!answer.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) || values.Count != 1) return false;
        var name = values.ToString().AsSpan();
        int parameters = name.IndexOf(';');
        name = (parameters < 0 ? name : name[..parameters]).Trim();
        return name.Equals("text/html", StringComparison.OrdinalIgnoreCase) || name.EndsWith("xml", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Seconds or an HTTP-date (RFC 9110 §10.2.3); of a 429 without it, when its used-up RateLimit begins anew; null when absent, negative or unreadable.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage answer, DateTimeOffset now)
    {
        if (!answer.Headers.NonValidated.TryGetValues("Retry-After", out var values))
            return answer.StatusCode == HttpStatusCode.TooManyRequests ? RateLimitReset(answer) : null;
        string text = values.Count == 1 ? values.ToString().Trim() : "";
        if (text.Length > 0 && text.All(char.IsAsciiDigit))
        {
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds < LongestRetryAfter.TotalSeconds
                ? TimeSpan.FromSeconds(seconds)
                : LongestRetryAfter;
        }

        if (!RetryConditionHeaderValue.TryParse(text, out var parsed) || parsed.Date is not { } date) return null;
        // Both of its instants are by the server's clock, whatever ours says.
        var wait = date - (answer.Headers.Date ?? now);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestRetryAfter ? LongestRetryAfter : wait;
    }

    /// <summary>Medplum answers 429 with no Retry-After but <c>RateLimit: "a";r=9;t=60, "b";r=0;t=42</c> (draft-ietf-httpapi-ratelimit-headers): the longest wait among what is used up.</summary>
    private static TimeSpan? RateLimitReset(HttpResponseMessage answer)
    {
        if (!answer.Headers.NonValidated.TryGetValues("RateLimit", out var values)) return null;
        var resets = values
            .SelectMany(header => header.Split(','))
            .Select(limit => limit.Split(';', StringSplitOptions.TrimEntries))
            .Where(parts => parts.Contains("r=0"))
            .SelectMany(parts => parts)
            .Select(part => part.StartsWith("t=", StringComparison.Ordinal) && int.TryParse(part.AsSpan(2), NumberStyles.None, null, out int seconds) ? seconds : -1)
            .Where(seconds => seconds >= 0)
            .ToArray();
        return resets.Length == 0 ? null : TimeSpan.FromSeconds(Math.Min(resets.Max(), LongestRetryAfter.TotalSeconds));
    }
}
