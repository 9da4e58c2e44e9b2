using System.Net.Http.Headers;
using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Browser;

/// <summary>A second service, with keys: where somebody has to say who he is, and where acts on many find their own referrals.</summary>
internal static class GuardedService
{
    private static readonly Lazy<Task<ServiceReplica>> Service = new(StartAsync);

    public static Task<ServiceReplica> GetAsync() => Service.Value;

    /// <summary>The key of the caller with this role; its name is the role's too.</summary>
    public static string SecretOf(string role) => $"{role}-secret-of-the-browser-tests";

    public static async Task EndAsync()
    {
        if (Service.IsValueCreated)
        {
            await (await Service.Value).DisposeAsync();
        }
    }

    /// <summary>Orders to somebody in nobody's directory, each held at once.</summary>
    public static async Task<IReadOnlyList<string>> HeldAsync(int count, string order)
    {
        var service = await GetAsync();
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var key = BrowserStage.Scene.Ehr.Write($$"""{"resourceType":"ServiceRequest","id":"{{order}}-{{i}}","status":"active","intent":"order","subject":{"reference":"Patient/nobody"},"performer":[{"reference":"Organization/uro-island"}]}""");
            ids.Add(await service.SubmitAsync(key, null));
        }

        foreach (var id in ids)
        {
            await service.UntilStateAsync(id, "held");
        }

        return ids;
    }

    private static Task<ServiceReplica> StartAsync() => StartAsync(new ServiceReplica(BrowserStage.Scene.Settings(
        [("Flow:LookEvery", "00:00:00.100"), .. ((string[])["viewer", "operator", "privacy"]).SelectMany(role => new[] { ($"Api:Keys:{role}:Secret", SecretOf(role)), ($"Api:Keys:{role}:Role", role) })])));

    private static async Task<ServiceReplica> StartAsync(ServiceReplica service)
    {
        service.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", SecretOf("privacy"));
        await service.StartAsync();
        return service;
    }
}
