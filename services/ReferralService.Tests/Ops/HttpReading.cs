using System.Net;
using System.Text.Json;

namespace ReferralService.Tests.Ops;

internal static class HttpReading
{
    public static async Task<(HttpStatusCode Status, JsonElement Body)> ReadAsync(this HttpClient http, string path)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative));
        await using var stream = await response.Content.ReadAsStreamAsync();
        using var document = await JsonDocument.ParseAsync(stream);
        return (response.StatusCode, document.RootElement.Clone());
    }

    public static string? Text(this JsonElement element, string member) => element.GetProperty(member).GetString();
}
