using System.Text;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.Repository;
using ReferralService.Sandbox.Serving;
using ReferralService.Sandbox.SyntheticPatients;

namespace ReferralService.Sandbox.Ehr;

/// <summary>A small EHR: FHIR R4 JSON over real HTTP, in memory, each resource served byte for byte as it was loaded.</summary>
internal sealed class SandboxEhr : IAsyncDisposable
{
    private readonly ResourceStore _store;
    private readonly SearchAnswer _search;
    private readonly ResourceRoutes _routes;
    private readonly SubscriptionHooks _hooks;
    private readonly byte[] _metadata;
    private readonly bool _idsByClient;
    private LoopbackServer _server = null!;

    private SandboxEhr(SandboxEhrOptions options)
    {
        _store = new ResourceStore(options.Clock);
        _search = new SearchAnswer(_store, options.Search);
        _routes = new ResourceRoutes(_store, _search, updateCreate: true, stamp: _ => true) { BareBinaries = options.BareBinaries };
        _hooks = new SubscriptionHooks(_store, options.NotificationRetryDelay, options.Topics, options.Clock);
        _idsByClient = options.SubscriptionIdsByClient;
        _metadata = new CapabilityStatement(
            "Sandbox EHR", [],
            type => type == "Subscription" && !options.Subscriptions ? [] : ["create", "update", "delete"],
            SearchParameters.Types, UpdateCreate: type => type != "Subscription" || options.SubscriptionIdsByClient, HidesDate: options.Search.DateSearch != DateSearch.Supported).Write(options.Clock.GetUtcNow());
        SubscriptionsOn = options.Subscriptions;
    }

    /// <summary>Without trailing slash.</summary>
    public string Base => _server.Base;

    /// <summary>The base that its answers tell when a proxy stands before it; null: <see cref="Base"/>.</summary>
    public string? PublicBase
    {
        get => _server.PublicBase;
        set => _server.PublicBase = value;
    }

    public FaultQueue Faults => _server.Faults;

    public RequestLog Requests => _server.Requests;

    /// <summary>Rest-hook notifications sent, each with its tries and the last answer.</summary>
    public NotificationLog Notifications => _hooks.Log;

    /// <summary>What becomes of the hooks on their way.</summary>
    public HookWeather Weather
    {
        get => _hooks.Weather;
        set => _hooks.Weather = value;
    }

    /// <summary>Whether missed events can be asked for by $events.</summary>
    public bool TellsEvents
    {
        get => _hooks.TellsEvents;
        set => _hooks.TellsEvents = value;
    }

    /// <summary>How many resources are there now.</summary>
    public int Count => _store.Count;

    private bool SubscriptionsOn { get; }

    public static async Task<SandboxEhr> StartAsync(SandboxEhrOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SandboxEhrOptions();
        var ehr = new SandboxEhr(options);
        ehr._server = await LoopbackServer.StartAsync(options.Port, options.Clock, options.BearerToken, options.MaxBodyBytes, ehr.ServeAsync, cancellationToken);
        ehr._hooks.Base = ehr.Base;
        return ehr;
    }

    /// <summary>Loads a resource silently: its bytes are served unchanged, its versionId and lastUpdated are those it tells, else "1" and now.</summary>
    public void Load(ReadOnlyMemory<byte> resource) => _store.Load(resource);

    public void Load(string resource) => _store.Load(Encoding.UTF8.GetBytes(resource));

    public void Load(IEnumerable<SyntheticResource> resources)
    {
        foreach (var resource in resources) _store.Load(resource.Utf8);
    }

    /// <summary>Writes a resource as a clinician's client would: new version, time of now, subscribers notified. Returns its key <c>Type/id</c>.</summary>
    public string Write(ReadOnlyMemory<byte> resource)
    {
        var members = JsonSplice.Members(resource.Span);
        return _store.Write(StoredResource.Text(resource, members, "resourceType")!, StoredResource.Text(resource, members, "id"), resource).Key;
    }

    public string Write(string resource) => Write(Encoding.UTF8.GetBytes(resource));

    public void Delete(string type, string id) => _store.Delete(type, id);

    /// <summary>As an administrator, or the server itself, does it: error, off, active.</summary>
    public void SetSubscriptionStatus(string id, string status) => _hooks.SetStatus(id, status);

    /// <summary>The counts of all subscriptions on topics begin again, as after a restart of a server that keeps them in memory.</summary>
    public void ForgetEvents() => _hooks.ForgetEvents();

    /// <summary>The bytes served for <c>Type/id</c> now; null when it is not there.</summary>
    public ReadOnlyMemory<byte>? Bytes(string key)
        => key.Split('/') is [var type, var id] && _store.Latest(type, id) is { Deleted: false } resource ? resource.Utf8 : null;

    /// <summary>Every resource of a type now, as served.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> All(string type) => [.. _store.All(type).Select(r => r.Utf8)];

    /// <summary>Makes every next link given so far answer 410.</summary>
    public void ForgetPages() => _search.Pages.Forget();

    public async ValueTask DisposeAsync()
    {
        await _hooks.DisposeAsync();
        await _server.DisposeAsync();
    }

    private async Task ServeAsync(FhirExchange exchange)
    {
        switch (exchange.Method, exchange.Route)
        {
            case ("GET", { Target: FhirTarget.Metadata }):
                await exchange.AnswerAsync(200, _metadata);
                break;
            case ("POST", { Target: FhirTarget.Type, Type: "Subscription" }):
                if (!SubscriptionsOn) throw new FhirRefusal(405, "not-supported", "No subscriptions here.");
                await exchange.AnswerAsync(201, _hooks.Subscribe(null, await exchange.ResourceAsync()));
                break;
            case ("PUT", { Target: FhirTarget.Instance, Type: "Subscription" }):
                if (!SubscriptionsOn) throw new FhirRefusal(405, "not-supported", "No subscriptions here.");
                bool known = _store.Latest("Subscription", exchange.Route.Id!) is { Deleted: false };
                if (!known && !_idsByClient) throw new FhirRefusal(405, "not-supported", "Ids are given by this server: POST.");
                await exchange.AnswerAsync(known ? 200 : 201, _hooks.Subscribe(exchange.Route.Id, await exchange.ResourceAsync()));
                break;
            case ("GET", { Target: FhirTarget.Operation, Type: "Subscription" }):
                var asked = exchange.Http.Request.Query;
                await exchange.AnswerAsync(200, _hooks.Answer(exchange.Route.Id!, exchange.Route.Operation!, Number(asked["eventsSinceNumber"], 0), Number(asked["eventsUntilNumber"], long.MaxValue)));
                break;
            default:
                await _routes.ServeAsync(exchange);
                break;
        }
    }

    private static long Number(string? text, long otherwise) => long.TryParse(text, out var number) ? number : otherwise;
}
