using ReferralService.Intake;
using ReferralService.Ledger;
using ReferralService.RecipientDirectory;

namespace ReferralService.Ops;

/// <summary>Says at the start which partners are paused that the settings do not name (any more): what waits for them waits until a person resumes them, and nothing else would show it.</summary>
internal sealed partial class PausedStrangers(EhrRegistry ehrs, RecipientRegistry recipients, PartnerPauses pauses, ILogger<PausedStrangers> log) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var (partner, since) in (await pauses.AllAsync(cancellationToken)).OrderBy(pause => pause.Key, StringComparer.Ordinal))
            {
                if (!IsConfigured(partner))
                {
                    Log.Stranger(log, partner, since);
                }
            }
        }
        catch (LedgerUnavailableException gone)
        {
            Log.NotRead(log, gone.Code);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private bool IsConfigured(string partner)
    {
        var name = partner[(partner.IndexOf(':') + 1)..];
        return partner.StartsWith("ehr:", StringComparison.Ordinal) ? ehrs.Find(name) is not null : recipients.Find(name) is not null;
    }

    private static partial class Log
    {
        [LoggerMessage(9102, LogLevel.Warning,
            "Partner {Partner} has been paused since {Since:u} and is not in the settings: what waits for it waits until it is resumed (docs/runbook.md, \"Pausing a partner\")")]
        public static partial void Stranger(ILogger logger, string partner, DateTimeOffset since);

        [LoggerMessage(9103, LogLevel.Warning, "Which partners are paused could not be read ({Code}); GET /api/partners shows it")]
        public static partial void NotRead(ILogger logger, string code);
    }
}
