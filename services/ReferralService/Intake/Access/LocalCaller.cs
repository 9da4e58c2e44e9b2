using System.Net;

namespace ReferralService.Intake.Access;

/// <summary>Without keys only this machine's own programs are let in, and no web page that a browser on it happens to show.</summary>
internal static class LocalCaller
{
    /// <summary>Null when the caller is one; else why it is not, and what to do.</summary>
    public static string? WhyNot(IPAddress? peer, IHeaderDictionary headers, HostString host, string scheme)
    {
        const string Remedy = "Configure Api:Keys and send one as Authorization: Bearer.";
        if (peer is null || !IPAddress.IsLoopback(peer)) return "Without API keys only callers on this machine are let in. " + Remedy;
        if (host.Host.ToLowerInvariant() is not ("localhost" or "127.0.0.1" or "[::1]"))
            return "Without API keys the Host header must be localhost, 127.0.0.1 or [::1]. " + Remedy;
        if (headers.Keys.Any(IsForwarding)) return "Without API keys no request through a proxy is let in. " + Remedy;
        if (headers.TryGetValue("Origin", out var origin) && !string.Equals(origin, $"{scheme}://{host.Value}", StringComparison.OrdinalIgnoreCase))
            return "Without API keys no request from another site's page is let in. " + Remedy;
        return headers.TryGetValue("Sec-Fetch-Site", out var site) && site.ToString() is not ("same-origin" or "none")
            ? "Without API keys no request from another site's page is let in. " + Remedy
            : null;
    }

    private static bool IsForwarding(string header)
        => header.Equals("Forwarded", StringComparison.OrdinalIgnoreCase) || header.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase);
}
