using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ReferralService.Fhir.Resources;
using ReferralService.Ledger;
using ReferralService.Sandbox.Demo;
using ReferralService.Sandbox.Ehr;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>The service keeps its own subscription at the sandbox EHR; polling is off, so that nothing else finds an order.</summary>
internal abstract class SubscriptionScene : WalkScene
{
    protected const string Secret = "s3cret-of-this-test";

    private Uri _address = null!;

    [SetUp]
    public void TakeAddress() => _address = ServiceProcess.FreeAddress();

    protected string Endpoint => $"{_address.AbsoluteUri.TrimEnd('/')}/fhir/notify/main";

    /// <param name="kind">R4 or Topic.</param>
    protected Dictionary<string, string> Subscribing(string kind, params (string Key, string Value)[] more)
    {
        var settings = Settings(
            ("urls", _address.GetLeftPart(UriPartial.Authority)), ("PublicUrl", _address.AbsoluteUri), ("Ehrs:main:NotificationSecret", Secret),
            ("Ehrs:main:Subscribe", kind), ("Ehrs:main:Heartbeat", "00:00:01"), ("Flow:LookEvery", "00:00:00.050"));
        if (kind == "Topic") settings["Ehrs:main:Topic"] = SandboxEhrOptions.OrderTopic;
        foreach (var (key, value) in more) settings[key] = value;
        return settings;
    }

    /// <summary>The Subscriptions at the EHR now.</summary>
    protected IReadOnlyList<SubscriptionView> AtEhr() => [.. Ehr.All("Subscription").Select(bytes => SubscriptionView.Read(RawResource.Read(bytes)))];

    protected static Task<KeptSubscription?> KeptAsync(RunningService service) => service.Services.GetRequiredService<SubscriptionBook>().FindAsync("main", CancellationToken.None);

    /// <summary>Waits until the service has seen its subscription active, and gives what the ledger knows of it.</summary>
    protected static async Task<KeptSubscription> UntilActiveAsync(RunningService service)
    {
        await UntilAsync(async () => await KeptAsync(service) is { Status: "active", Code: null, Tries: 0 });
        return (await KeptAsync(service))!;
    }

    protected static async Task<JsonElement> SubscriptionShownAsync(RunningService service)
        => (await service.Http.GetFromJsonAsync<JsonElement>("/api/partners")).GetProperty("items")[0].GetProperty("subscription");

    /// <summary>A small order of the person whose record is there, as a clinician's client writes it; its key.</summary>
    protected string WriteOrder(string id, string status = "active")
        => Ehr.Write($$"""{"resourceType":"ServiceRequest","id":"{{id}}","status":"{{status}}","intent":"order","subject":{"reference":"Patient/p1"},"performer":[{"reference":"Organization/nobody"}]}""");

    /// <summary>The orders that have become referrals, each as often as it did.</summary>
    protected static async Task<IReadOnlyList<string>> OrdersAsync(RunningService service)
        => [.. (await service.ListAsync()).Select(r => r.GetProperty("serviceRequest").GetString()!).Order(StringComparer.Ordinal)];
}
