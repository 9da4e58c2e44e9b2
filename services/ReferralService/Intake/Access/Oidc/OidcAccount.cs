using System.Security.Claims;
using System.Text.Json;

namespace ReferralService.Intake.Access.Oidc;

/// <summary>What a token that was found good says of its account.</summary>
internal static class OidcAccount
{
    private const int LongestName = 100;

    /// <summary>So that no account can take a key's name in the record of what was done.</summary>
    private const string Prefix = "oidc:";

    /// <summary>The account as it is recorded: its name, which the provider may change or give to somebody else, and its <c>sub</c>, which it may not. Null where the token names nobody.</summary>
    public static string? Name(ClaimsPrincipal principal, OidcOptions options)
    {
        var (name, subject) = (Shown(principal.FindFirstValue(options.NameClaim)), Shown(principal.FindFirstValue("sub")));
        return (name, subject) switch
        {
            (null, null) => null,
            (null, var only) => Prefix + only,
            (var only, null) => Prefix + only,
            _ => name == subject ? Prefix + name : $"{Prefix}{name} ({subject})",
        };
    }

    /// <summary>The highest role that one of its values means; null: none does.</summary>
    public static ApiRole? Role(ClaimsPrincipal principal, OidcOptions options)
    {
        var values = Values(principal, options.RoleClaim).ToHashSet(StringComparer.Ordinal);
        return options.Roles.Where(role => role.Value.Any(values.Contains)).Select(role => (ApiRole?)role.Key).Max();
    }

    private static string? Shown(string? text)
        => string.IsNullOrWhiteSpace(text) ? null : new string([.. text.Take(LongestName).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)]);

    private static IEnumerable<string> Values(ClaimsPrincipal principal, string claim)
    {
        var plain = principal.FindAll(claim).Select(c => c.Value).ToList();
        return plain.Count > 0 || claim.Split('.', 2) is not [var first, var rest] ? plain : principal.FindAll(first).SelectMany(c => Inside(c.Value, rest.Split('.')));
    }

    /// <summary>A claim that is an object comes as its JSON.</summary>
    private static List<string> Inside(string json, string[] path)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var at = document.RootElement;
            foreach (var name in path)
            {
                if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at)) return [];
            }

            return at.ValueKind switch
            {
                JsonValueKind.String => [at.GetString()!],
                JsonValueKind.Array => [.. at.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)],
                _ => [],
            };
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
