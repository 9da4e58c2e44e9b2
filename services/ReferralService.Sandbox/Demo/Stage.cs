using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Serving;
using ReferralService.Sandbox.SyntheticPatients;

namespace ReferralService.Sandbox.Demo;

/// <summary>A consultant of the demo under the name the service knows it by.</summary>
internal sealed record StageConsultant(string Name, SandboxConsultant Server);

/// <summary>Everything that runs: one EHR, two consultants, the service as its own process, and a listener where there is a broker.</summary>
internal sealed class Stage : IAsyncDisposable
{
    /// <summary>What the EHR shows when it tells the service of something.</summary>
    internal const string Secret = "demo-notification-secret";
    private static readonly JsonSerializerOptions WithoutNulls = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
    private readonly HttpClient _http = new();
    private readonly Screen _screen;
    private readonly HoldingPlan _plan = new();
    private (string Name, CasePerformer Performer, string Base)[] _others = [];
    private volatile bool _telling = true;

    private Stage(Screen screen) => _screen = screen;

    public SandboxEhr Ehr { get; private set; } = null!;

    /// <summary>Whose records the EHR has and what was ordered for them.</summary>
    public IReadOnlyList<SecondOpinionCase> Cases { get; private set; } = [];

    public IReadOnlyList<StageConsultant> Consultants { get; private set; } = [];

    public ServiceProcess? Service { get; private set; }

    public ServiceApi Api { get; private set; } = null!;

    public StatusListener? Listener { get; private set; }

    public HttpClient Http => _http;

    /// <summary>Starts all parts; those that run when one fails are found in <see cref="DisposeAsync"/>.</summary>
    public static async Task<Stage> OpenAsync(Screen screen, DemoOptions options, IReadOnlyList<SecondOpinionCase> cases, Action<Stage> opened, CancellationToken cancellationToken)
    {
        var stage = new Stage(screen);
        opened(stage);
        var clock = TimeProvider.System;
        stage.Cases = cases;
        var url = ServiceProcess.FreeAddress();

        // First, so that a broker that is not there is found before anything is built for it.
        if (options.RabbitMq is { } broker)
        {
            stage.Listener = await StatusListener.StartAsync(broker, e => screen.Say(Speaker.Broker, "RabbitMQ", $"{e.RoutingKey}   sequence {e.Sequence}, referral {e.ReferralId}"), cancellationToken);
            screen.Say(Speaker.Broker, "RabbitMQ", $"{broker.Host}:{broker.Port}   listening on exchange referral.status with a queue of our own");
        }

        stage.Ehr = await SandboxEhr.StartAsync(cancellationToken: cancellationToken);
        foreach (var one in cases) stage.Ehr.Load(one.Record);
        var own = stage.Ehr.Count;
        stage.Ehr.Load(new RecordGenerator(options.Seed, clock.GetUtcNow()).Noise(patients: 20, resourcesEach: 25));
        screen.Say(Speaker.Ehr, "EHR", $"{stage.Ehr.Base}   {own} resources of {cases.Count} patients, {stage.Ehr.Count - own} of others");

        // One consultant lets the sender choose ids (PUT), the other gives its own (POST): the service finds out from /metadata.
        stage.Consultants =
        [
            new("urology-east", await SandboxConsultant.StartAsync(new SandboxConsultantOptions { UpdateCreate = true }, cancellationToken)),
            new("urology-west", await SandboxConsultant.StartAsync(new SandboxConsultantOptions { UpdateCreate = false }, cancellationToken)),
        ];
        foreach (var consultant in stage.Consultants) screen.Say(Speaker.Consultant, consultant.Name, $"{consultant.Server.Base}   a consultant's server, empty");
        stage._others = options.Keep
            ? [(KeptTroubles.SwitchedOff, CasePerformer.UrologyNorth, "http://127.0.0.1:9/fhir"), (KeptTroubles.Paused, CasePerformer.UrologySouth, stage.Consultants[0].Server.Base)]
            : [];

        var dll = await ServiceBuild.LocateAsync(text => screen.Say(Speaker.Service, "service", text), cancellationToken);
        stage.Service = ServiceProcess.Start(dll, url, stage.Settings(options));
        stage.Api = new ServiceApi(stage._http, url, clock);
        await stage.Api.ReadyAsync(stage.Service, TimeSpan.FromSeconds(30), cancellationToken);
        screen.Say(Speaker.Service, "service", $"{url.GetLeftPart(UriPartial.Authority)}   process {stage.Service.Id}, ready; ledger in {stage.Service.Folder}");

        await stage.SubscribeAsync(new Uri(url, "/fhir/notify/main"), payload: false, cancellationToken);
        await stage.SubscribeAsync(new Uri(url, "/fhir/notify/main"), payload: true, cancellationToken);
        screen.Say(Speaker.Ehr, "EHR", "2 Subscriptions on active orders: one calls with nothing, one PUTs the order. Each order is told twice; it must be one referral.");
        stage.Watch();
        return stage;
    }

    /// <summary>The partners' requests are told no more: from here on they are the demo's own.</summary>
    public void StopTelling() => _telling = false;

    public void GoOnTelling() => _telling = true;

    public async ValueTask DisposeAsync()
    {
        if (Service is not null) await Service.DisposeAsync();
        if (Listener is not null) await Listener.DisposeAsync();
        foreach (var consultant in Consultants) await consultant.Server.DisposeAsync();
        if (Ehr is not null) await Ehr.DisposeAsync();
        _plan.Dispose();
        _http.Dispose();
    }

    private Dictionary<string, string> Settings(DemoOptions options)
    {
        var settings = new Dictionary<string, string>
        {
            ["Ehrs__main__BaseUrl"] = Ehr.Base,
            ["Ehrs__main__NotificationSecret"] = Secret,
            ["Ehrs__main__PollInterval"] = "00:01:00",
            ["Gathering__PlanFolder"] = _plan.Folder,
            ["Bus__Transport"] = options.RabbitMq is null ? "InMemory" : "RabbitMq",
        };
        if (options.RabbitMq is { } broker) settings["Bus__RabbitMq"] = broker.OriginalString;
        (string Name, CasePerformer Performer, string Base)[] recipients =
            [.. Consultants.Zip([CasePerformer.UrologyEast, CasePerformer.UrologyWest], (consultant, performer) => (consultant.Name, performer, consultant.Server.Base)), .. _others];
        foreach (var (name, performer, address) in recipients)
        {
            settings[$"Recipients__{name}__BaseUrl"] = address;
            settings[$"Recipients__{name}__Matches__0"] = $"Organization/{performer.Id}";
            settings[$"Recipients__{name}__Matches__1"] = $"http://hl7.org/fhir/sid/us-npi|{performer.Npi}";
        }
        return settings;
    }

    private async Task SubscribeAsync(Uri endpoint, bool payload, CancellationToken cancellationToken)
    {
        var subscription = JsonSerializer.Serialize(new
        {
            resourceType = "Subscription", status = "requested", reason = "Referrals to consultants", criteria = "ServiceRequest?status=active&intent=order",
            channel = new { type = "rest-hook", endpoint, payload = payload ? "application/fhir+json" : null, header = new[] { $"Authorization: Bearer {Secret}" } },
        }, WithoutNulls);
        using var body = new StringContent(subscription, Encoding.UTF8, new MediaTypeHeaderValue("application/fhir+json"));
        using var answer = await _http.PostAsync(Ehr.Base + "/Subscription", body, cancellationToken);
        if (!answer.IsSuccessStatusCode) throw new DemoFailure($"The EHR refused the Subscription with {(int)answer.StatusCode}.");
    }

    /// <summary>From here on the partners' own view is told as it happens.</summary>
    private void Watch()
    {
        Ehr.Notifications.Ended += n => _screen.Say(
            Speaker.Ehr, "EHR", $"told the service by {(n.Method == "PUT" ? $"PUT …/{n.Resource}" : "an empty POST")}: {(n.Status == 0 ? "no answer" : n.Status)}{(n.Tries > 1 ? $" at try {n.Tries}" : "")}", n.At);
        foreach (var (name, server) in Consultants)
            server.Requests.Answered += r =>
            {
                if (_telling) _screen.Say(Speaker.Consultant, name, Told(r), r.At);
            };
    }

    private static string Told(LoggedRequest request)
    {
        var path = request.PathAndQuery.Length > 70 ? request.PathAndQuery[..69] + "…" : request.PathAndQuery;
        var fault = request.Fault is null ? "" : request.RetryAfter is { } wait ? $"   busy, Retry-After {wait} s" : "   " + request.Fault;
        return $"{request.Method} {path} → {(request.Status == 0 ? "reset" : request.Status)}{fault}";
    }
}
