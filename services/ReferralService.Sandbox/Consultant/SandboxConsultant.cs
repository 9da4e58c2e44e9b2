using System.Text;
using System.Text.Json;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.Repository;
using ReferralService.Sandbox.Serving;

namespace ReferralService.Sandbox.Consultant;

/// <summary>A small consultant's server: stores Bundles whole, carries out transactions, and keeps a ledger of what it really did.</summary>
internal sealed class SandboxConsultant : IAsyncDisposable
{
    private readonly SandboxConsultantOptions _options;
    private readonly ResourceStore _store;
    private readonly ResourceRoutes _routes;
    private readonly Transaction _transaction;
    private readonly KeyedAnswers _keys = new();
    private readonly byte[] _metadata;
    private LoopbackServer _server = null!;

    private SandboxConsultant(SandboxConsultantOptions options)
    {
        _options = options;
        _store = new ResourceStore(options.Clock);
        _routes = new ResourceRoutes(_store, new SearchAnswer(_store, options.Search with { DropsIdentifiers = !options.FindsIdentifiers }), options.UpdateCreate, stamp: type => type != "Bundle" || options.StampsBundles)
        {
            ConditionalCreate = options.ConditionalCreate,
            Wrote = (interaction, stored, body) => Record(interaction, stored.Key, body, Identifier(body), [stored.Key]),
        };
        _transaction = new Transaction(_store, options);
        for (var i = 1; !options.FindsIdentifiers && i <= 2; i++)
        {
            // A server in use has others' Bundles: what a search that drops its filter gives first is not the one that was meant.
            _store.Load(Encoding.UTF8.GetBytes($$"""{"resourceType":"Bundle","id":"other-{{i}}","type":"collection"}"""));
        }

        string[] writes = options.UpdateCreate ? ["create", "update"] : ["create"];
        _metadata = new CapabilityStatement(
            "Sandbox consultant",
            options.Transactions == TransactionMode.None ? [] : ["transaction", "batch"],
            _ => writes,
            options.StoresBundles ? SearchParameters.Types : [.. SearchParameters.Types.Where(t => t != "Bundle")],
            _ => options.UpdateCreate, HidesDate: false, options.ConditionalCreate).Write(options.Clock.GetUtcNow());
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

    /// <summary>What was really stored.</summary>
    public EffectLedger Effects { get; } = new();

    public static async Task<SandboxConsultant> StartAsync(SandboxConsultantOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SandboxConsultantOptions();
        var consultant = new SandboxConsultant(options);
        consultant._server = await LoopbackServer.StartAsync(
            options.Port, options.Clock, options.BearerToken, options.MaxBodyBytes, consultant.ServeAsync, cancellationToken);
        return consultant;
    }

    /// <summary>The bytes stored under <c>Type/id</c>; null when it is not there.</summary>
    public ReadOnlyMemory<byte>? Bytes(string key)
        => key.Split('/') is [var type, var id] && _store.Latest(type, id) is { Deleted: false } resource ? resource.Utf8 : null;

    public IReadOnlyList<ReadOnlyMemory<byte>> All(string type) => [.. _store.All(type).Select(r => r.Utf8)];

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(FhirExchange exchange)
    {
        var route = exchange.Route;
        if (!_options.StoresBundles && route.Type == "Bundle") throw new FhirRefusal(404, "not-supported", "No such resource type here.");
        switch (exchange.Method, route.Target)
        {
            case ("GET", FhirTarget.Metadata):
                await exchange.AnswerAsync(200, _metadata);
                break;
            case ("POST", FhirTarget.Type) when _options.IdempotencyKeys && exchange.Http.Request.Headers["Idempotency-Key"].ToString() is { Length: > 0 } key:
                await _keys.OnceAsync(key, () => _routes.ServeAsync(exchange), answer => exchange.AnswerAsync(201, answer));
                break;
            case ("POST", FhirTarget.System) when _options.Transactions != TransactionMode.None:
                var body = await exchange.BodyAsync();
                var done = _transaction.Carry(exchange.Base, body);
                if (done.Stored.Count > 0) Record(done.Interaction, done.Key!, body, done.Identifier, done.Stored);
                await exchange.AnswerAsync(200, done.Response);
                break;
            default:
                await _routes.ServeAsync(exchange);
                break;
        }
    }

    private void Record(string interaction, string key, byte[] body, string? identifier, IReadOnlyList<string> stored)
        => Effects.Add(new Effect(_store.Now, interaction, key, body.Length, FhirExchange.Digest(body), identifier, stored));

    internal static string? Identifier(ReadOnlyMemory<byte> resource)
    {
        var member = JsonSplice.Members(resource.Span).Find(m => m.Name == "identifier");
        if (member.Name is null) return null;
        using var identifier = JsonDocument.Parse(resource.Slice(member.Start, member.Length));
        var one = identifier.RootElement.ValueKind == JsonValueKind.Array ? identifier.RootElement[0] : identifier.RootElement;
        return one.TryGetProperty("value", out var value) ? value.GetString() : null;
    }
}
