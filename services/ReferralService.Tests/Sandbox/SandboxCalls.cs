using System.Text;
using System.Text.Json.Nodes;

namespace ReferralService.Tests.Sandbox;

internal static class SandboxCalls
{
    public static async Task<JsonNode> JsonAsync(this HttpClient http, string url)
    {
        using var answer = await http.GetAsync(url);
        Assert.That((int)answer.StatusCode, Is.EqualTo(200), url);
        return JsonNode.Parse(await answer.Content.ReadAsByteArrayAsync())!;
    }

    /// <summary>The ids of all pages of a search.</summary>
    public static async Task<List<string>> IdsAsync(this HttpClient http, string url)
    {
        var ids = new List<string>();
        for (var next = url; next is not null;)
        {
            var page = await http.JsonAsync(next);
            ids.AddRange(page["entry"]?.AsArray().Select(e => (string)e!["resource"]!["id"]!) ?? []);
            next = page.Link("next");
        }
        return ids;
    }

    public static string? Link(this JsonNode bundle, string relation)
        => bundle["link"]!.AsArray().Where(l => (string)l!["relation"]! == relation).Select(l => (string)l!["url"]!).FirstOrDefault();

    public static StringContent Fhir(string json) => new(json, Encoding.UTF8, "application/fhir+json");
}
