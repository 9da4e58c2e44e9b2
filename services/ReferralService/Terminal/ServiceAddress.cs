namespace ReferralService.Terminal;

/// <summary>Where the running service is, and the key that is shown to it.</summary>
internal sealed record ServiceAddress(Uri Url, string? Key)
{
    public const string UrlVariable = "REFERRAL_SERVICE_URL";
    public const string KeyVariable = "REFERRAL_SERVICE_KEY";
    private const string Default = "http://127.0.0.1:8080";
    private const int LongestKeyFile = 4096;

    /// <param name="url">As given; null: from the environment, the settings, or the default.</param>
    /// <param name="keyFile">Null: from the environment, if there.</param>
    /// <exception cref="VerbException">No address, or a key file that cannot be used.</exception>
    public static ServiceAddress Find(string? url, string? keyFile, bool allowHttp, Screen screen)
    {
        var (text, from) = url is not null ? (url, "--url")
            : Given(screen.Environment(UrlVariable)) is { } named ? (named, UrlVariable)
            : screen.ConfiguredUrls() is { } urls && FirstOf(urls) is { } own ? (own, "urls of the settings")
            : (Default, "the default");
        if (!Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0 || address.Query.Length > 0)
        {
            throw new VerbException(ExitCodes.Misused, $"The service's address ({from}) must be http://host:port or https://host, without user info or query.");
        }

        var key = keyFile is null ? Given(screen.Environment(KeyVariable)) : ReadKey(keyFile);
        if (key is not null && !key.All(c => c is > ' ' and < '\x7f'))
        {
            throw new VerbException(ExitCodes.Misused, $"The key cannot travel in a header: {(keyFile is null ? KeyVariable : "--key-file")} must hold visible ASCII characters without spaces.");
        }

        return key is null || address.Scheme == "https" || address.IsLoopback || allowHttp
            ? new(address, key)
            : throw new VerbException(ExitCodes.Misused, $"The key would travel in clear: the address ({from}) is http beyond this machine. Use https, or --allow-http if the network is yours.");
    }

    /// <summary>The first address listened at, as one of this machine reaches it.</summary>
    private static string? FirstOf(string urls)
    {
        var first = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();
        return first?.Replace("://*", "://127.0.0.1", StringComparison.Ordinal).Replace("://+", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal).Replace("://[::]", "://[::1]", StringComparison.Ordinal);
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string ReadKey(string path)
    {
        try
        {
            using var file = File.OpenText(path);
            var text = new char[LongestKeyFile];
            var key = new string(text, 0, file.ReadBlock(text, 0, text.Length)).Trim();
            return key.Length > 0 ? key : throw new VerbException(ExitCodes.Misused, "--key-file holds nothing; it is to hold the secret of one of Api:Keys, alone.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new VerbException(ExitCodes.Misused, "--key-file cannot be read; give the path of a file that holds the secret of one of Api:Keys, alone.");
        }
    }
}
