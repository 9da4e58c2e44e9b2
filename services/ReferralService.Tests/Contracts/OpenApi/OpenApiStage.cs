using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Contracts.OpenApi;

/// <summary>The whole service with keys, an EHR and a consultant; and three more of it that limit calls, are about to end, or have no keys.</summary>
internal sealed class OpenApiStage : IAsyncDisposable
{
    /// <summary>What the document's examples name, in whose place the real ones are put.</summary>
    private const string ExampleId = "5f0c8a2e-6d0b-5c1d-9a57-2f4e1b7c3d90";
    private const string ExampleToken = "01993c4e-7a10-7c3b-8f21-0000000000b1";
    private const string ExampleOrder = "ServiceRequest/123";

    private const string HookSecret = "a-hook-secret-of-this-test";
    private static readonly DateTimeOffset Day = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    private int _seed = 100;

    private OpenApiStage(SandboxEhr ehr, SandboxConsultant consultant) => (Ehr, Consultant) = (ehr, consultant);

    public SandboxEhr Ehr { get; }

    public SandboxConsultant Consultant { get; }

    public RunningService Service { get; private set; } = null!;

    /// <summary>Takes one call a second.</summary>
    public RunningService Limited { get; private set; } = null!;

    /// <summary>Told to stop, and still listening.</summary>
    public RunningService Ending { get; private set; } = null!;

    /// <summary>Lets in programs of this machine alone.</summary>
    public RunningService Keyless { get; private set; } = null!;

    public string DeliveredOrder { get; private set; } = "";

    public string DeliveredId { get; private set; } = "";

    public string PackageId { get; private set; } = "";

    public static async Task<OpenApiStage> StartAsync()
    {
        var stage = new OpenApiStage(await SandboxEhr.StartAsync(), await SandboxConsultant.StartAsync());
        stage.Service = await stage.StartServiceAsync();
        stage.Limited = await stage.StartServiceAsync(("Intake:RequestsPerSecond", "1"), ("Intake:NotificationsPerSecond", "1"));
        stage.Ending = await stage.StartServiceAsync();
        stage.Ending.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        stage.Keyless = await RunningService.StartAsync(new Dictionary<string, string>());
        stage.DeliveredOrder = stage.WriteOrder(CasePerformer.UrologyEast);
        stage.DeliveredId = await stage.SubmitAsync(stage.DeliveredOrder, "delivered");
        stage.PackageId = (await stage.ShowAsync(stage.DeliveredId)).GetProperty("package").GetProperty("id").GetString()!;
        return stage;
    }

    /// <summary>A key of each role: its secret is its role's name and some.</summary>
    public static string SecretOf(string role) => $"{role}-secret-of-this-test";

    /// <summary>A request as the document has it, with what is real in place of what is an example.</summary>
    /// <param name="example">Of the body; null: none.</param>
    /// <param name="id">In place of the example's id.</param>
    public HttpRequestMessage Request(OpenApiOperation operation, string? example, string? id = null, string? order = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Parse(operation.Method), operation.Address().Replace(ExampleId, id ?? (operation.Id == "readDisclosure" ? PackageId : DeliveredId), StringComparison.Ordinal).Replace(ExampleToken, id ?? ExampleToken, StringComparison.Ordinal));
        if (example is not null)
        {
            var (type, examples) = operation.Body();
            request.Content = new StringContent(examples[example].ToJsonString().Replace(ExampleOrder, order ?? DeliveredOrder, StringComparison.Ordinal).Replace(ExampleId, id ?? DeliveredId, StringComparison.Ordinal), Encoding.UTF8, type);
        }

        return Signed(request, operation, operation.Role);
    }

    /// <param name="role">Of the key; null: none, but a hook's secret where that is what is asked for.</param>
    public static HttpRequestMessage Signed(HttpRequestMessage request, OpenApiOperation operation, string? role)
    {
        var secret = role is not null ? SecretOf(role) : operation.Id.StartsWith("notify", StringComparison.Ordinal) ? HookSecret : null;
        request.Headers.Authorization = secret is null ? null : new AuthenticationHeaderValue("Bearer", secret);
        return request;
    }

    /// <summary>A referral that waits for a person: nobody is configured for whom its order names.</summary>
    public Task<string> HeldAsync() => SubmitAsync(WriteOrder(CasePerformer.UrologyWest), "held");

    /// <summary>The token of an act on many that was not begun.</summary>
    public async Task<string> PreviewedAsync()
    {
        using var answer = await Service.Http.SendAsync(Request(OpenApiDocument.Kept.Operation("previewBulk"), "these"));
        return (await answer.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>()).GetProperty("token").GetString()!;
    }

    /// <summary>An order that asks for nothing any more.</summary>
    public string WriteRevoked() => WriteOrder(CasePerformer.UrologyEast, order => order.Replace("\"active\"", "\"revoked\"", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        foreach (var service in new[] { Service, Limited, Ending, Keyless })
        {
            await service.DisposeAsync();
        }

        await Ehr.DisposeAsync();
        await Consultant.DisposeAsync();
    }

    private string WriteOrder(CasePerformer performer, Func<string, string>? change = null)
    {
        var story = SecondOpinionCase.Create(_seed++, Day, performer);
        Ehr.Load(story.Record);
        var order = Encoding.UTF8.GetString(story.Order.Utf8.Span);
        return Ehr.Write(change is null ? order : change(order));
    }

    private async Task<string> SubmitAsync(string order, string until)
    {
        var id = await Service.SubmitAsync(order);
        await Service.UntilAsync(id, until);
        return id;
    }

    private Task<System.Text.Json.JsonElement> ShowAsync(string id) => Service.ShowAsync(id);

    private async Task<RunningService> StartServiceAsync(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["Ehrs:main:BaseUrl"] = Ehr.Base,
            ["Ehrs:main:PollInterval"] = "00:00:00",
            ["Ehrs:main:NotificationSecret"] = HookSecret,
            ["Recipients:urology-east:BaseUrl"] = Consultant.Base,
            ["Recipients:urology-east:Matches:0"] = "Organization/uro-east",
            ["Intake:MaxNotificationBytes"] = "65536",
        };
        foreach (var role in (string[])["viewer", "operator", "privacy"])
        {
            settings[$"Api:Keys:{role}:Secret"] = SecretOf(role);
            settings[$"Api:Keys:{role}:Role"] = role;
        }

        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        var service = await RunningService.StartAsync(settings);
        service.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", SecretOf("operator"));
        return service;
    }
}
