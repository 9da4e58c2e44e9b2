using System.Data.Common;

namespace ReferralService;

/// <summary>Which settings hold secrets, and what of them may be shown.</summary>
internal static class SecretSettings
{
    public const string Hidden = "(hidden)";

    private static readonly string[] Names = ["Secret", "Token", "Password", "Key", "Credential", "Passphrase"];

    /// <summary>Of a connection string what says where it leads; anything else may be a secret.</summary>
    private static readonly HashSet<string> Harmless = new(StringComparer.OrdinalIgnoreCase)
    {
        "Data Source", "DataSource", "Filename", "Host", "Server", "Port", "Database", "Username", "User Id", "SSL Mode", "Pooling", "Maximum Pool Size", "Timeout", "Command Timeout", "Application Name",
    };

    public static string Redacted(string key, string value)
    {
        var name = key[(key.LastIndexOf(':') + 1)..];
        return name.Equals("ConnectionString", StringComparison.OrdinalIgnoreCase) ? OfConnection(value)
            : Array.Exists(Names, secret => name.EndsWith(secret, StringComparison.OrdinalIgnoreCase)) ? Hidden
            : Uri.TryCreate(value, UriKind.Absolute, out var address) && address.UserInfo.Length > 0 ? $"{address.Scheme}://{Hidden}@{address.Authority}{address.AbsolutePath}"
            : value;
    }

    private static string OfConnection(string value)
    {
        try
        {
            var parts = new DbConnectionStringBuilder { ConnectionString = value };
            return string.Join(";", parts.Keys.Cast<string>().Select(part => $"{part}={(Harmless.Contains(part) ? parts[part] : Hidden)}"));
        }
        catch (ArgumentException)
        {
            return Hidden;
        }
    }
}
