using System.Text;
using System.Text.RegularExpressions;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.Serving;

namespace ReferralService.AcceptanceTests.Chaos.Truth;

/// <summary>A consultant of one character behind a fault proxy, with a ledger of what it really stored.</summary>
internal sealed partial class FakeConsultant : IAsyncDisposable
{
    private readonly SandboxConsultant _server;
    private readonly TruthLedger _truth;

    private FakeConsultant(string name, SandboxConsultant server, TruthLedger truth)
    {
        (Name, _server, _truth) = (name, server, truth);
        Way = FaultProxy.Start(new Uri(server.Base));
        server.PublicBase = Base;
        server.Effects.Stored += Stored;
    }

    public string Name { get; }

    /// <summary>Between the service and it.</summary>
    public FaultProxy Way { get; }

    /// <summary>As the service is told.</summary>
    public string Base => Way.Before(new Uri(_server.Base)).AbsoluteUri;

    public FaultQueue Faults => _server.Faults;

    public RequestLog Requests => _server.Requests;

    public string TruthFile => _truth.Path;

    /// <summary>Told of each effect after it is written down.</summary>
    public event Action<EffectFact>? Effect;

    /// <param name="name"><c>put</c> (update-as-create), <c>post</c> or any other (server-given ids, searchable), or <c>transaction</c> (keeps no Bundles, searchable Tasks).</param>
    public static async Task<FakeConsultant> StartAsync(string name, string folder) => new(
        name,
        await SandboxConsultant.StartAsync(new SandboxConsultantOptions { UpdateCreate = name == "put", StoresBundles = name != "transaction" }),
        new TruthLedger(Path.Combine(folder, $"consultant-{name}.jsonl")));

    /// <summary>What is stored there under a key.</summary>
    public ReadOnlyMemory<byte>? Bytes(string key) => _server.Bytes(key);

    public async ValueTask DisposeAsync()
    {
        await Way.DisposeAsync();
        await _server.DisposeAsync();
        _truth.Dispose();
    }

    /// <summary>On the request's own thread, between the effect and its answer.</summary>
    private void Stored(Effect effect)
    {
        var bodies = string.Concat(effect.Stored.Select(key => _server.Bytes(key) is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : ""));
        var order = OrderTag().Match(bodies);
        var package = effect.Identifier is { } identifier && identifier.StartsWith("urn:uuid:", StringComparison.Ordinal) ? identifier["urn:uuid:".Length..] : null;
        var fact = new EffectFact(
            Name, effect.At, effect.Interaction, effect.Key, effect.Digest, package, order.Success ? order.Groups[1].Value : null,
            bodies.Contains(ChaosPatient.Canary, StringComparison.Ordinal));
        _truth.Append(fact);
        Effect?.Invoke(fact);
    }

    /// <summary>The order's own identifier, which every form of the package carries.</summary>
    [GeneratedRegex("\"placer-(order-[a-z]+-[0-9]+)\"")]
    private static partial Regex OrderTag();
}
