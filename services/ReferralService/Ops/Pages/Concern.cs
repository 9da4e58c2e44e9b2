using ReferralService.Ledger;

namespace ReferralService.Ops.Pages;

/// <summary>What everybody who looks at any page should know now.</summary>
/// <param name="Href">Where more is said and something can be done.</param>
internal sealed record Concern(string Text, string Href, string Link);

/// <summary>Gathers what the banner says: partners that are paused, a broker in trouble, a process that is ending.</summary>
internal sealed class Concerns(PartnerPauses pauses, BrokerTroubles broker, IHostApplicationLifetime lifetime)
{
    public async Task<IReadOnlyList<Concern>> NowAsync(CancellationToken cancellationToken)
    {
        var found = new List<Concern>();
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            found.Add(new("This process is ending; another one will answer.", "/", "Board"));
        }

        var paused = await pauses.AllAsync(cancellationToken);
        if (paused.Count > 0)
        {
            found.Add(new($"Paused by hand: {string.Join(", ", paused.Keys.Order(StringComparer.Ordinal).Select(Say))}. Their referrals wait.", "/partners", "Partners"));
        }

        if (broker.Now is [var (_, trouble), ..])
        {
            found.Add(new($"RabbitMQ: {trouble.Code}. Status events wait and are sent later.", "/health/detail", "Health"));
        }

        return found;
    }

    private static string Say(string partner) => partner.Split(':', 2) is ["ehr", var ehr] ? $"EHR {ehr}" : partner[(partner.IndexOf(':') + 1)..];
}
