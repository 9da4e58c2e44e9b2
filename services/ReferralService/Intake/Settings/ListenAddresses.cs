using System.Net;

namespace ReferralService.Intake.Settings;

/// <summary>Where the service will listen, read the way ASP.NET does, so that an open door without keys is seen before it opens.</summary>
/// <param name="HttpsOnly">Every address it listens at is https.</param>
internal sealed record ListenAddresses(bool Configured, bool BeyondLoopback, bool HttpsOnly = false)
{
    /// <summary>Refuses what is no address. Of <c>urls</c>, <c>http_ports</c>, <c>https_ports</c> and <c>Kestrel:Endpoints</c>; the environment's ASPNETCORE_ prefix is gone by then.</summary>
    public static ListenAddresses Read(SettingsReader settings)
    {
        var urls = (settings.Text("urls") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToList();
        foreach (var endpoint in settings.Names("Kestrel:Endpoints"))
        {
            if (settings.Text($"Kestrel:Endpoints:{endpoint}:Url") is { } url) urls.Add(url);
        }

        if (urls.FirstOrDefault(IsNoAddress) is not null) settings.Fault("urls", "is no list of addresses like http://127.0.0.1:8080, with ports from 0 to 65535 and ; between them");

        // Ports without a host mean every address of the machine.
        bool ports = settings.Text("http_ports") is not null || settings.Text("https_ports") is not null;
        return new ListenAddresses(urls.Count > 0 || ports, (ports && urls.Count == 0) || urls.Exists(url => !IsNoAddress(url) && IsBeyondLoopback(url)),
            urls.Count > 0 && urls.TrueForAll(url => url.StartsWith("https://", StringComparison.OrdinalIgnoreCase)));
    }

    private static bool IsNoAddress(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return !address.IsUnixPipe && !address.IsNamedPipe && (address.Port is < 0 or > 65535 || address.Host.Length == 0 || (address.Host.Contains(':') && address.Host[0] != '['));
        }
        catch (FormatException)
        {
            return true;
        }
    }

    public static bool IsBeyondLoopback(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            if (address.IsUnixPipe || address.IsNamedPipe) return false;
            var host = address.Host.Trim('[', ']');
            return !host.Equals("localhost", StringComparison.OrdinalIgnoreCase) && !(IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
        }
        catch (FormatException)
        {
            // Kestrel will say what is wrong with it; until then it is not known to be safe.
            return true;
        }
    }
}
