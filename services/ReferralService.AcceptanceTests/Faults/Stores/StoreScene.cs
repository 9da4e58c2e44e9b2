using System.Net;
using System.Text;
using System.Text.Json;
using ReferralService.AcceptanceTests.Flow;
using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Faults.Stores;

/// <summary>What the tests of a troubled database have in common: hooks with a secret, and what must be true in the end.</summary>
internal static class StoreScene
{
    private const string Secret = "stores-secret-0123456789";

    public static Dictionary<string, string> Settings(Scene scene, params (string Key, string Value)[] more) => scene.Settings(
        [("Ehrs:main:NotificationSecret", Secret), ("Flow:LookEvery", "00:00:00.100"), ("Flow:Lease", "00:00:03"), ("Logging:LogLevel:Default", "Warning"), .. more]);

    /// <summary>A vendor's hook: the order itself.</summary>
    public static async Task<HttpResponseMessage> HookAsync(this ServiceReplica service, Scene scene, string order)
    {
        using var hook = new HttpRequestMessage(HttpMethod.Post, "/fhir/notify/main") { Headers = { { "Authorization", $"Bearer {Secret}" } } };
        hook.Content = new ByteArrayContent(scene.Ehr.Bytes(order)!.Value.ToArray()) { Headers = { { "Content-Type", "application/fhir+json" } } };
        return await service.Http.SendAsync(hook);
    }

    /// <summary>As a sender does that was told to come again.</summary>
    public static Task HookUntilAcceptedAsync(this ServiceReplica service, Scene scene, string order) => service.UntilAsync("accepted", async () =>
    {
        using var answer = await service.HookAsync(scene, order);
        return answer.StatusCode == HttpStatusCode.Accepted;
    });

    public static async Task<IReadOnlyList<JsonElement>> ListAsync(this ServiceReplica service)
        => [.. JsonDocument.Parse(await service.Http.GetStringAsync("/api/referrals?limit=200")).RootElement.GetProperty("items").EnumerateArray()];

    public static Task UntilDeliveredAsync(this ServiceReplica service, int count) => service.UntilAsync(
        $"{count} delivered", async () => (await service.ListAsync()).Count(r => r.GetProperty("state").GetString() == "delivered") == count);

    /// <summary>One effect for each order, and every timeline without a gap.</summary>
    public static async Task CheckAsync(this ServiceReplica service, Scene scene, int count)
    {
        var effects = scene.Consultant.Effects.All;
        var gaps = new StringBuilder();
        foreach (var referral in await service.ListAsync())
        {
            var shown = JsonDocument.Parse(await service.Http.GetStringAsync($"/api/referrals/{referral.GetProperty("id").GetString()}")).RootElement;
            var sequences = shown.GetProperty("timeline").EnumerateArray()
                .Where(line => line.TryGetProperty("sequence", out var s) && s.ValueKind == JsonValueKind.Number).Select(line => line.GetProperty("sequence").GetInt32()).ToList();
            if (!sequences.SequenceEqual(Enumerable.Range(1, sequences.Count)))
            {
                gaps.AppendLine($"{referral.GetProperty("id").GetString()}: {string.Join(' ', sequences)}");
            }
        }

        Assert.Multiple(() =>
        {
            Assert.That(effects, Has.Count.EqualTo(count), "one effect each");
            Assert.That(effects.Select(e => e.Key).Distinct().Count(), Is.EqualTo(count));
            Assert.That(gaps.ToString(), Is.Empty);
        });
    }
}
