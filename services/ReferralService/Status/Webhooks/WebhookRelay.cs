using ReferralService.Gathering;
using ReferralService.Ledger;

namespace ReferralService.Status.Webhooks;

/// <summary>Tells all webhooks, each by a loop of its own: one that hangs keeps nobody else waiting.</summary>
internal sealed partial class WebhookRelay(
    IReadOnlyList<WebhookOptions> webhooks, WebhookBook book, WebhookStandings standings, WorkSignals work, TimeProvider clock, IHostApplicationLifetime lifetime,
    ILogger<WebhookRelay> logger, ILogger<EgressGuard> egress, NameLookup? lookup = null) : BackgroundService
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (await lifetime.ListeningAsync(stoppingToken))
        {
            await Task.WhenAll(webhooks.Select(webhook => TellAsync(webhook, stoppingToken)));
        }
    }

    private async Task TellAsync(WebhookOptions webhook, CancellationToken stopping)
    {
        using var http = PartnerHttp.Open(webhook.Url, WebhookLoop.AtOnce, new EgressGuard(webhook.Name, webhook.Url, webhook.Networks, egress, lookup));
        var sender = new WebhookSender(webhook, http, clock);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await new WebhookLoop(webhook, sender, book, standings, work, clock, logger).RunAsync(stopping);
                return;
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                Log.Unexpected(logger, webhook.Name, e.GetType().Name);
                await Task.Delay(PauseAfterFailure, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(7025, LogLevel.Error, "The loop of webhook {Webhook} failed ({Kind}) and begins again")]
        public static partial void Unexpected(ILogger logger, string webhook, string kind);
    }
}
