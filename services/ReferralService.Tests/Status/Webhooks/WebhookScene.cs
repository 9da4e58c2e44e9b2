using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Gathering;
using ReferralService.Ledger;
using ReferralService.Status.Webhooks;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Status.Webhooks;

/// <summary>A real ledger, the real relay, and a receiver over real HTTP.</summary>
internal sealed class WebhookScene : IAsyncDisposable
{
    public const string Name = "tracker";

    private static readonly ReadOnlyMemory<byte> FirstKey = Enumerable.Range(1, 32).Select(i => (byte)i).ToArray();

    private WebhookScene(TemporaryLedger ledger, WebhookReceiver receiver) => (Ledger, Receiver) = (ledger, receiver);

    /// <summary>The secret that is configured first, as its receiver has it.</summary>
    public static string Secret { get; } = SecretOf(FirstKey);

    public TemporaryLedger Ledger { get; }

    public WebhookReceiver Receiver { get; }

    public WebhookStandings Standings { get; } = new();

    public LogLines<WebhookRelay> Log { get; } = new();

    public static async Task<WebhookScene> StartAsync(TimeProvider clock, WebhookSubscription? subscription = null)
        => new(await TemporaryLedger.OpenAsync(clock, publishesEvents: false, [subscription ?? new WebhookSubscription(Name, null, null)]), await WebhookReceiver.StartAsync());

    public static string SecretOf(ReadOnlyMemory<byte> key) => $"whsec_{Convert.ToBase64String(key.Span)}";

    /// <summary>A relay of its own, as another replica or the next start has it.</summary>
    /// <param name="url">Elsewhere than at the receiver.</param>
    public async Task<IAsyncDisposable> RelayAsync(Uri? url = null, params ReadOnlyMemory<byte>[] keys)
    {
        var webhook = new WebhookOptions { Subscription = Ledger.Options.Webhooks[0], Url = url ?? Receiver.Url, Secrets = keys.Length == 0 ? [FirstKey] : keys };
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        lifetime.NotifyStarted();
        var relay = new WebhookRelay([webhook], Ledger.Webhooks, Standings, Ledger.Work, Ledger.Clock, lifetime, Log, NullLogger<EgressGuard>.Instance);
        await relay.StartAsync(CancellationToken.None);
        return new Running(relay);
    }

    /// <summary>A referral with so many events.</summary>
    public async Task<Referral> ReferralAsync(string order, int events, string ehr = "main")
    {
        var referral = await CreateAsync(Ledger.Referrals, New(order, ehr) with { DueAt = null });
        for (var i = 1; i < events; i++)
        {
            await Ledger.Referrals.DecideAsync(new DecisionScope.One(referral.Id), rows => new Decision<bool>(true, [], [Step(rows.Single(), "retried")]), CancellationToken.None);
        }

        return referral;
    }

    /// <summary>Waits until nothing waits any more.</summary>
    public async Task UntilToldAsync()
    {
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await Ledger.Webhooks.OldestAsync(ceiling.Token)).Any(backlog => backlog.Waiting > 0))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, ceiling.Token);
        }
    }

    public async Task UntilStandsAsync(WebhookTrouble? trouble)
    {
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Standings.Now.GetValueOrDefault(Name) != trouble)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, ceiling.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Receiver.DisposeAsync();
        await Ledger.DisposeAsync();
    }

    private sealed class Running(WebhookRelay relay) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await relay.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
            relay.Dispose();
        }
    }
}
