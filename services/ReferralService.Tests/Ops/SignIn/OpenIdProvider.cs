using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops.SignIn;

/// <summary>A small OpenID provider on a real Kestrel: it publishes itself and its keys, gives codes and takes them back once, with PKCE and the client's secret, and signs with RS256.</summary>
internal sealed class OpenIdProvider : IAsyncDisposable
{
    public const string Client = "referral-pages";
    public const string ClientSecret = "client-secret-of-this-test";
    public const string Audience = "referral-api";

    private readonly ConcurrentDictionary<string, (string Challenge, string RedirectUri, string? Nonce)> _codes = new();
    private (string Id, RSA Key) _key = NewKey(1);
    private ScriptedServer _server = null!;
    private int _asked;

    public Uri Issuer => _server.Origin;

    /// <summary>Everything but a connection is refused.</summary>
    public bool Down { get; set; }

    /// <summary>Takes every call and answers none, until it ends.</summary>
    public bool Hangs { get; set; }

    /// <summary>How often somebody called.</summary>
    public int Asked => _asked;

    /// <summary>What tokens say of whoever signs in.</summary>
    public JsonObject Account { get; set; } = new() { ["sub"] = "42", ["preferred_username"] = "ada", ["roles"] = new JsonArray("ward-9", "referral-ops") };

    /// <summary>Members that a token has in place of the right ones.</summary>
    public JsonObject Wrong { get; set; } = [];

    public static async Task<OpenIdProvider> StartAsync()
    {
        var provider = new OpenIdProvider();
        provider._server = await ScriptedServer.StartAsync(provider.AnswerAsync);
        return provider;
    }

    /// <summary>Signs with another key from now on, and publishes that one alone.</summary>
    public void ChangeKey() => _key = NewKey(int.Parse(_key.Id) + 1);

    /// <summary>A token for the API.</summary>
    public string Token(JsonObject? wrong = null, string algorithm = "RS256")
        => Sign(Claims(Audience, nonce: null, wrong), algorithm);

    public (string Key, string Value)[] Settings() =>
    [
        ("Api:Oidc:Authority", Issuer.AbsoluteUri), ("Api:Oidc:ClientId", Client), ("Api:Oidc:ClientSecret", ClientSecret), ("Api:Oidc:Audience", Audience),
        ("Api:Oidc:Roles:viewer:0", "referral-viewers"), ("Api:Oidc:Roles:operator:0", "referral-ops"), ("Api:Oidc:Roles:privacy:0", "referral-privacy"),
    ];

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _key.Key.Dispose();
    }

    private static (string, RSA) NewKey(int number) => (number.ToString(), RSA.Create(2048));

    private Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _asked);
        if (Hangs) return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        if (Down)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        return context.Request.Path.Value switch
        {
            "/.well-known/openid-configuration" => JsonAsync(context, new JsonObject
            {
                ["issuer"] = Issuer.AbsoluteUri, ["authorization_endpoint"] = new Uri(Issuer, "/authorize").AbsoluteUri, ["token_endpoint"] = new Uri(Issuer, "/token").AbsoluteUri,
                ["jwks_uri"] = new Uri(Issuer, "/keys").AbsoluteUri, ["response_types_supported"] = new JsonArray("code"), ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
            }),
            "/keys" => JsonAsync(context, new JsonObject { ["keys"] = new JsonArray(PublicKey()) }),
            "/authorize" => Authorize(context),
            "/token" => TokenAsync(context),
            _ => Refuse(context),
        };
    }

    private JsonObject PublicKey()
    {
        var key = _key.Key.ExportParameters(false);
        return new JsonObject { ["kty"] = "RSA", ["use"] = "sig", ["alg"] = "RS256", ["kid"] = _key.Id, ["n"] = Base64UrlEncoder.Encode(key.Modulus), ["e"] = Base64UrlEncoder.Encode(key.Exponent) };
    }

    /// <summary>Whoever comes is signed in here already.</summary>
    private Task Authorize(HttpContext context)
    {
        var query = context.Request.Query;
        if (query["client_id"] != Client || query["response_type"] != "code" || query["code_challenge_method"] != "S256" || !query["scope"].ToString().Split(' ').Contains("openid")) return Refuse(context);
        var code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        _codes[code] = (query["code_challenge"]!, query["redirect_uri"]!, query["nonce"]);
        context.Response.Redirect($"{query["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(query["state"]!)}");
        return Task.CompletedTask;
    }

    private async Task TokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        bool good = _codes.TryRemove(form["code"].ToString(), out var code) && form["client_id"] == Client && form["client_secret"] == ClientSecret && form["redirect_uri"] == code.RedirectUri
            && Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) == code.Challenge;
        await (good
            ? JsonAsync(context, new JsonObject { ["token_type"] = "Bearer", ["access_token"] = "opaque", ["expires_in"] = 300, ["id_token"] = Sign(Claims(Client, code.Nonce, Wrong), "RS256") })
            : Refuse(context));
    }

    private JsonObject Claims(string audience, string? nonce, JsonObject? wrong)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = (JsonObject)Account.DeepClone();
        claims["iss"] = Issuer.AbsoluteUri;
        claims["aud"] = audience;
        claims["iat"] = now;
        claims["nbf"] = now;
        claims["exp"] = now + 300;
        if (nonce is not null) claims["nonce"] = nonce;
        foreach (var (name, value) in wrong ?? []) claims[name] = value?.DeepClone();
        return claims;
    }

    private string Sign(JsonObject claims, string algorithm)
    {
        var head = new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT", ["kid"] = _key.Id };
        var signed = $"{Base64UrlEncoder.Encode(head.ToJsonString())}.{Base64UrlEncoder.Encode(claims.ToJsonString())}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        var signature = algorithm switch
        {
            "RS256" => _key.Key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            // The old confusion: what everybody may know of the key is taken for a shared secret.
            "HS256" => HMACSHA256.HashData(_key.Key.ExportSubjectPublicKeyInfo(), bytes),
            _ => [],
        };
        return $"{signed}.{Base64UrlEncoder.Encode(signature)}";
    }

    private static Task JsonAsync(HttpContext context, JsonObject body)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString(JsonSerializerOptions.Default));
    }

    private static Task Refuse(HttpContext context)
    {
        context.Response.StatusCode = (int)HttpStatusCode.BadRequest;
        return JsonAsync(context, new JsonObject { ["error"] = "invalid_request" });
    }
}
