using System.Net;

namespace ReferralService.Intake.Access;

/// <summary>Without keys only this machine's own programs and browsers are let in, and no other site's page that a browser on it happens to show.</summary>
internal static class LocalCaller
{
    private const string Remedy = "Configure Api:Keys and send one as Authorization: Bearer.";

    /// <summary>Null when the caller is one; else why it is not, and what to do.</summary>
    /// <param name="page">A page is asked for: then a link on another site may lead to it, since to show it changes nothing and the other site does not see it.</param>
    public static string? WhyNot(IPAddress? peer, IHeaderDictionary headers, HostString host, string scheme, bool page = false)
    {
        if (peer is null || !IPAddress.IsLoopback(peer)) return "Without API keys only callers on this machine are let in. " + Remedy;
        if (!IsThisMachine(host)) return "Without API keys the Host header must be localhost, 127.0.0.1 or [::1]. " + Remedy;
        if (IsForwarded(headers)) return "Without API keys no request through a proxy is let in. " + Remedy;
        if (headers.TryGetValue("Origin", out var origin) && !string.Equals(origin, $"{scheme}://{host.Value}", StringComparison.OrdinalIgnoreCase))
            return "Without API keys no request from another site's page is let in. " + Remedy;
        return headers.TryGetValue("Sec-Fetch-Site", out var site) && site.ToString() is not ("same-origin" or "none") && !(page && IsFollowedLink(headers))
            ? "Without API keys no request from another site's page is let in. " + Remedy
            : null;
    }

    /// <summary>Whoever sent it there believes to speak to its own machine: a name that was made to point here (DNS rebinding) is another one.</summary>
    public static bool IsThisMachine(HostString host) => host.Host.ToLowerInvariant() is "localhost" or "127.0.0.1" or "[::1]";

    /// <summary>Some proxy says that it stands between. What else it says is not believed.</summary>
    public static bool IsForwarded(IHeaderDictionary headers) => headers.Keys.Any(IsForwarding);

    /// <summary>In a window of its own; not in a frame, not as a picture or script.</summary>
    private static bool IsFollowedLink(IHeaderDictionary headers) => headers["Sec-Fetch-Mode"] == "navigate" && headers["Sec-Fetch-Dest"] == "document";

    private static bool IsForwarding(string header)
        => header.Equals("Forwarded", StringComparison.OrdinalIgnoreCase) || header.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase);
}
