using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>The whole walk over real HTTP: sandbox EHR, the service on SQLite with the in-memory bus, sandbox consultants. Everything is the test's own, so walks go side by side.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal abstract class WalkScene
{
    protected static readonly DateTimeOffset Day = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    protected SandboxEhr Ehr { get; set; } = null!;

    protected SandboxConsultant East { get; private set; } = null!;

    protected SandboxConsultant West { get; private set; } = null!;

    [SetUp]
    public async Task StartPartners()
    {
        Ehr = await SandboxEhr.StartAsync();
        East = await SandboxConsultant.StartAsync();
        West = await SandboxConsultant.StartAsync();
    }

    [TearDown]
    public async Task StopPartners()
    {
        await Ehr.DisposeAsync();
        await East.DisposeAsync();
        await West.DisposeAsync();
    }

    protected Dictionary<string, string> Settings(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["Ehrs:main:BaseUrl"] = Ehr.Base,
            ["Ehrs:main:PollInterval"] = "00:00:00",
            ["Recipients:east:BaseUrl"] = East.Base,
            ["Recipients:east:Matches:0"] = "Organization/uro-east",
            ["Recipients:west:BaseUrl"] = West.Base,
            ["Recipients:west:Matches:0"] = "Organization/uro-west",
        };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return settings;
    }

    /// <summary>Loads the young man's record and writes his order; its key.</summary>
    protected string WriteCase(CasePerformer performer, Func<string, string>? change = null)
    {
        var story = SecondOpinionCase.Create(seed: 11, Day, performer);
        Ehr.Load(story.Record);
        var order = Encoding.UTF8.GetString(story.Order.Utf8.Span);
        return Ehr.Write(change is null ? order : change(order));
    }

    protected async Task SubscribeAsync(RunningService service, string secret, bool payload)
    {
        using var http = new HttpClient();
        var hook = new Dictionary<string, object>
        {
            ["type"] = "rest-hook", ["endpoint"] = $"{service.Http.BaseAddress}fhir/notify/main", ["header"] = new[] { $"Authorization: Bearer {secret}" },
        };
        if (payload)
        {
            hook["payload"] = "application/fhir+json";
        }

        using var content = JsonContent.Create(
            new { resourceType = "Subscription", status = "requested", reason = "referrals", criteria = "ServiceRequest?status=active", channel = hook },
            new System.Net.Http.Headers.MediaTypeHeaderValue("application/fhir+json"));
        using var answer = await http.PostAsync($"{Ehr.Base}/Subscription", content);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created));
    }

    protected string Revoked(string order) => Encoding.UTF8.GetString(Ehr.Bytes(order)!.Value.Span).Replace("\"active\"", "\"revoked\"", StringComparison.Ordinal);

    /// <summary>Posts the order as it now is to the hook, as a vendor would.</summary>
    protected async Task<HttpResponseMessage> HintAsync(RunningService service, string order)
    {
        using var hint = new HttpRequestMessage(HttpMethod.Post, "/fhir/notify/main") { Headers = { { "Authorization", "Bearer s3cret-of-this-test" } } };
        hint.Content = new ByteArrayContent(Ehr.Bytes(order)!.Value.ToArray()) { Headers = { { "Content-Type", "application/fhir+json" } } };
        return await service.Http.SendAsync(hint);
    }

    protected static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

    protected static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ceiling.Token);
        }
    }

    protected static IEnumerable<string?> Events(JsonElement shown) => Entries(shown).Select(e => e.GetProperty("event").GetString());

    protected static IEnumerable<int> Sequences(JsonElement shown) => Entries(shown).Select(e => e.GetProperty("sequence").GetInt32());

    protected static IEnumerable<JsonElement> Entries(JsonElement shown)
        => shown.GetProperty("timeline").EnumerateArray().Where(e => e.TryGetProperty("sequence", out var s) && s.ValueKind == JsonValueKind.Number);
}
