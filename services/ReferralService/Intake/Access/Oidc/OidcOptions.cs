using System.Security.Cryptography;
using System.Text;

namespace ReferralService.Intake.Access.Oidc;

/// <summary>Section <c>Api:Oidc</c>: the identity provider that vouches for people (the pages) and for programs (the API). A class, so that nothing ever prints its secret.</summary>
internal sealed class OidcOptions
{
    /// <summary>The provider's issuer; https, or http on loopback.</summary>
    public required Uri Authority { get; init; }

    /// <summary>Who we are to the provider when people sign in to the pages; null: they do so with keys alone.</summary>
    public string? ClientId { get; init; }

    /// <summary>Null: the provider knows us as a public client (PKCE alone).</summary>
    public string? ClientSecret { get; init; }

    /// <summary>Whom a token must be made for to be taken at the API; null: none is.</summary>
    public string? Audience { get; init; }

    /// <summary>Asked for at the sign-in. Default openid, profile.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = ["openid", "profile"];

    /// <summary>Where the token names the account. Default preferred_username, else sub.</summary>
    public string NameClaim { get; init; } = "preferred_username";

    /// <summary>Where the token has the values that mean a role; a dot leads into an object (<c>realm_access.roles</c>). Default roles.</summary>
    public string RoleClaim { get; init; } = "roles";

    /// <summary>The values that mean each role.</summary>
    public required IReadOnlyDictionary<ApiRole, IReadOnlyList<string>> Roles { get; init; }

    /// <summary>Servers beside the authority's at which the provider keeps its keys and tokens.</summary>
    public IReadOnlyList<Uri> Origins { get; init; } = [];

    /// <summary>By what a session knows that the provider is trusted still, and what its values mean the same.</summary>
    public string Stamp => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n',
        ["referral-service session by provider", Authority.AbsoluteUri, ClientId, ClientSecret, NameClaim, RoleClaim, .. Roles.OrderBy(r => r.Key).SelectMany(r => r.Value.Order(StringComparer.Ordinal).Prepend(r.Key.ToString()))]))));

    /// <returns>Null: no provider is configured, or it cannot be used.</returns>
    public static OidcOptions? Read(SettingsReader api)
    {
        var part = api.Part("Oidc");
        if (!api.Exists("Oidc")) return null;
        var authority = Server(part, "Authority", part.Text("Authority"));
        var (client, audience, secret) = (part.Text("ClientId"), part.Text("Audience"), Secret(part));
        if (client is null && audience is null) part.Fault("ClientId", "is missing, and Audience is too; give ClientId for people to sign in to the pages, Audience for programs to call the API with tokens, or both");
        if (client is null && secret is not null) part.Fault("ClientSecret", "is given without a ClientId");
        // A token that says who signed in is made for the client; taken at the API it would be as good as the person.
        if (audience is not null && audience == client) part.Fault("Audience", "is the ClientId; give the API an audience of its own, else the token of anybody's sign-in would be taken there");
        var values = part.Part("Roles");
        var roles = Enum.GetValues<ApiRole>().ToDictionary(role => role, role => values.List(role.ToString().ToLowerInvariant()));
        if (roles.Values.All(v => v.Count == 0)) part.Fault("Roles", "is empty, so nobody would have a role; give the claim's values, e.g. Api:Oidc:Roles:operator:0");
        var scopes = part.List("Scopes");
        var otherwise = new OidcOptions { Authority = new Uri("https://invalid.example"), Roles = roles };
        if (scopes.Count > 0 && !scopes.Contains("openid")) part.Fault("Scopes", "lacks openid, without which no provider says who signed in");
        var read = new OidcOptions
        {
            Authority = authority ?? otherwise.Authority,
            ClientId = client,
            ClientSecret = secret,
            Audience = audience,
            Scopes = scopes.Count > 0 ? scopes : otherwise.Scopes,
            NameClaim = part.Text("NameClaim") ?? otherwise.NameClaim,
            RoleClaim = part.Text("RoleClaim") ?? otherwise.RoleClaim,
            Roles = roles,
            Origins = [.. part.Items("Origins").Select(item => Server(part, item.Key, item.Text)).OfType<Uri>()],
        };
        return authority is null ? null : read;
    }

    private static string? Secret(SettingsReader part)
    {
        var (text, file) = (part.SecretText("ClientSecret"), part.Text("ClientSecretFile"));
        if (file is null) return text;
        if (text is not null) part.Fault("ClientSecretFile", "is given beside ClientSecret; give one of the two");
        try
        {
            var read = File.ReadAllText(file).Trim();
            if (read.Length == 0) part.Fault("ClientSecretFile", "is empty");
            return read.Length == 0 ? null : read;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            part.Fault("ClientSecretFile", "cannot be read; give the path of a file that this account may read");
            return null;
        }
    }

    private static Uri? Server(SettingsReader part, string key, string? text)
    {
        if (text is null) part.Fault(key, "is missing; give the provider's issuer, e.g. https://login.example.org/realms/hospital");
        else if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length + uri.Query.Length + uri.Fragment.Length > 0)
            part.Fault(key, "must be an absolute https URL without user info, query or fragment");
        else if (uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback) part.Fault(key, "is http beyond loopback; who signs in could be anybody: use https");
        else if (SettingsReader.WhyNoPartner(text, uri) is { } why) part.Fault(key, why);
        else return uri;
        return null;
    }
}
