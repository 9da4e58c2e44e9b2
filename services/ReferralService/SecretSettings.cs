using System.Data.Common;

namespace ReferralService;

/// <summary>Which settings hold secrets, and what of them may be shown: of an address where it leads, of a connection string the parts known to be harmless; nothing of what cannot be read.</summary>
internal static class SecretSettings
{
    public const string Hidden = "(hidden)";

    private const string Behind = "://";

    /// <summary>Beside those that are read by <see cref="SettingsReader.SecretText"/>: a value that is at fault, or of a part that was not read, is none the less one.</summary>
    private static readonly string[] Names = ["Secret", "Token", "Password", "Key", "Credential", "Passphrase", "Headers"];

    /// <summary>Addresses: shown when they can be read as one.</summary>
    private static readonly HashSet<string> Addresses = new(StringComparer.OrdinalIgnoreCase) { "RabbitMq", "Url", "BaseUrl", "PublicUrl", "Authority", "Endpoint" };

    /// <summary>Of a connection string what says where it leads; anything else may be a secret.</summary>
    private static readonly HashSet<string> Harmless = new(StringComparer.OrdinalIgnoreCase)
    {
        "Data Source", "DataSource", "Filename", "Host", "Server", "Port", "Database", "Username", "User Id", "SSL Mode", "Pooling", "Maximum Pool Size", "Timeout", "Command Timeout", "Application Name",
    };

    public static string Redacted(string key, string value)
    {
        var name = key[(key.LastIndexOf(':') + 1)..];
        if (name.Equals("ConnectionString", StringComparison.OrdinalIgnoreCase)) return OfConnection(value);
        if (Array.Exists(Names, secret => name.EndsWith(secret, StringComparison.OrdinalIgnoreCase))) return Hidden;

        // Where it listens: several, and hosts such as * that no URI may have.
        if (name.Equals("urls", StringComparison.OrdinalIgnoreCase)) return value.AsSpan().ContainsAny("@?#") ? Hidden : value;
        return Addresses.Contains(name) || value.Contains(Behind, StringComparison.Ordinal) ? OfAddress(value) : value;
    }

    /// <remarks>A password with a / or # in it ends the host early: what follows, up to the @, is then read as path or fragment.</remarks>
    private static string OfAddress(string value)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var address) || value.IndexOf(Behind, StringComparison.Ordinal) != address.Scheme.Length) return Hidden;
        var rest = value[(address.Scheme.Length + Behind.Length)..];
        var authority = rest[..(rest.IndexOfAny(['/', '?', '#', '\\']) is >= 0 and var end ? end : rest.Length)];
        if (rest[authority.Length..].Contains('@') || authority.Count(c => c == '@') > 1) return Hidden;
        var path = rest[authority.Length..];
        var cut = path.IndexOfAny(['?', '#']);
        var user = authority.IndexOf('@', StringComparison.Ordinal);
        return $"{address.Scheme}{Behind}{(user >= 0 ? $"{Hidden}{authority[user..]}" : authority)}{(cut < 0 ? path : $"{path[..cut]}{path[cut]}{Hidden}")}";
    }

    private static string OfConnection(string value)
    {
        try
        {
            var parts = new DbConnectionStringBuilder { ConnectionString = value };
            var shown = parts.Keys.Cast<string>().Where(part => Harmless.Contains(part) && parts[part] is string text && !text.AsSpan().ContainsAny("@?#")).Select(part => $"{part}={parts[part]}").ToList();
            return string.Join(";", shown.Count < parts.Count ? [.. shown, Hidden] : shown);
        }
        catch (ArgumentException)
        {
            return Hidden;
        }
    }
}
