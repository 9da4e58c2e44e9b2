using System.Text.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>Looks for Endpoints, by themselves or carried inside, that hand out more than an address: R4 lets <c>Endpoint.header</c> hold an Authorization line.</summary>
/// <remarks>Bodies travel byte for byte, so one with a secret inside does not travel at all. That there is access is told by the study that names it.</remarks>
internal static class CredentialCheck
{
    private static readonly string[] Keys = ["auth", "credential", "jwt", "key", "pass", "pwd", "secret", "sig", "token"];

    /// <summary>Nearly no resource is or has one (<see cref="Fhir.References.BodySigns.Endpoint"/>): those few are parsed.</summary>
    public static bool Inside(RawResource resource)
    {
        using var document = JsonDocument.Parse(resource.Utf8);
        return IsIn(document.RootElement);
    }

    private static bool IsIn(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().Any(IsIn),
        JsonValueKind.Object => (IsEndpoint(element) && HandsOut(element)) || element.EnumerateObject().Any(member => IsIn(member.Value)),
        _ => false,
    };

    private static bool IsEndpoint(JsonElement element)
        => element.TryGetProperty("resourceType", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("Endpoint"u8);

    private static bool HandsOut(JsonElement endpoint)
    {
        if (endpoint.TryGetProperty("header", out var header) && header.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)) return true;
        return endpoint.TryGetProperty("address", out var address) && address.ValueKind == JsonValueKind.String
            && Uri.TryCreate(address.GetString(), UriKind.Absolute, out var url) && (url.UserInfo.Length > 0 || url.Query.Split('?', '&', ';').Any(IsKey));
    }

    private static bool IsKey(string pair) => pair.Contains('=') && Keys.Any(k => pair[..pair.IndexOf('=')].Contains(k, StringComparison.OrdinalIgnoreCase));
}
