using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using ReferralService.AcceptanceTests.Flow;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Faults;

namespace ReferralService.AcceptanceTests.Browser;

/// <summary>One service as a process of its own with a morning's referrals, and one Chromium, for all tests of the pages.</summary>
[SetUpFixture]
internal sealed class BrowserStage
{
    private static readonly string[] Programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private static IPlaywright? _playwright;
    private static Scene? _scene;
    private static SandboxConsultant? _west;

    /// <summary>Null: there is no Chromium here; the tests say so and are left out.</summary>
    public static IBrowser? Browser { get; private set; }

    public static ServiceReplica Service { get; private set; } = null!;

    public static Scene Scene => _scene!;

    /// <summary>Referral ids by how they stand: delivered, held, failed, put-off.</summary>
    public static Dictionary<string, string> Ids { get; } = [];

    /// <summary>Where screenshots go: REFERRAL_SCREENSHOTS, else a folder under the system's temporary one.</summary>
    public static string Screenshots { get; } = Environment.GetEnvironmentVariable("REFERRAL_SCREENSHOTS") is { Length: > 0 } folder
        ? folder : Path.Combine(Path.GetTempPath(), "referral-screenshots");

    public static string Address => Service.Http.BaseAddress!.ToString().TrimEnd('/');

    /// <summary>Writes an order and submits it.</summary>
    public static Task<string> SubmitAsync(int seed, string? recipient) => Service.SubmitAsync(Scene.WriteOrder(seed), recipient);

    [OneTimeSetUp]
    public static async Task StartAsync()
    {
        if (Array.Find(Programs, File.Exists) is not { } program)
        {
            return;
        }

        _scene = await Scene.StartAsync();
        _west = await SandboxConsultant.StartAsync();
        _west.Faults.Add(new Fault { Method = "POST,PUT", Status = 422, Times = null, Body = """{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"required"}]}""" });
        Service = await ServiceReplica.StartNewAsync(_scene.Settings(
            ("Recipients:west:BaseUrl", _west.Base), ("Recipients:west:Matches:0", "Organization/uro-west"), ("Recipients:west:Form", "Document"),
            ("Recipients:north:BaseUrl", $"http://127.0.0.1:{FreePort.Take()}/fhir"), ("Recipients:north:Matches:0", "Organization/uro-north"), ("Recipients:north:Form", "Document"),
            ("Flow:LookEvery", "00:00:00.100")));
        Ids["delivered"] = await SubmitAsync(701, "east");
        Ids["failed"] = await SubmitAsync(702, "west");
        Ids["put-off"] = await SubmitAsync(703, "north");
        Ids["held"] = await Service.SubmitAsync(HeldOrder(704), null);
        await Service.UntilStateAsync(Ids["delivered"], "delivered");
        await Service.UntilStateAsync(Ids["failed"], "failed");
        await Service.UntilStateAsync(Ids["held"], "held");
        await Service.UntilAsync("put off", async () => (await Service.ShowAsync(Ids["put-off"])).GetProperty("error").ValueKind == JsonValueKind.Object);
        await WriteBulksAsync();
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = program, Args = ["--no-sandbox", "--disable-gpu"] });
        Directory.CreateDirectory(Screenshots);
    }

    /// <summary>An order to somebody in nobody's directory.</summary>
    public static string HeldOrder(int seed)
        => Scene.WriteOrder(seed, text => text.Replace("uro-east", "uro-island", StringComparison.Ordinal).Replace("1234567893", "1003000127", StringComparison.Ordinal));

    /// <summary>A group's address, an act on many that was only previewed, and one that is done.</summary>
    private static async Task WriteBulksAsync()
    {
        Ids["group"] = "/problems?partner=ehr%3Amain&code=recipient-unknown";
        Ids["preview"] = await BulkAsync("cancel", Ids["held"], Ids["failed"]);
        Ids["done"] = await BulkAsync("retry", Ids["delivered"]);
        using var begun = await Service.Http.PostAsync($"/api/bulk/{Ids["done"]}/run", null);
        begun.EnsureSuccessStatusCode();
        await Service.UntilAsync("act on many done", async () => (await Service.Http.GetFromJsonAsync<JsonElement>($"/api/bulk/{Ids["done"]}")).GetProperty("state").GetString() == "done");
    }

    private static async Task<string> BulkAsync(string action, params string[] ids)
    {
        using var answer = await Service.Http.PostAsJsonAsync("/api/bulk", new { action, ids });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }

    [OneTimeTearDown]
    public static async Task StopAsync()
    {
        if (Browser is not null)
        {
            await Browser.DisposeAsync();
        }

        _playwright?.Dispose();
        await GuardedService.EndAsync();
        if (_scene is not null)
        {
            await Service.DisposeAsync();
            await _west!.DisposeAsync();
            await _scene.DisposeAsync();
        }
    }
}
