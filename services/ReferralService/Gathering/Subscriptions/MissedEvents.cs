using System.Collections.Immutable;
using ReferralService.Intake;
using ReferralService.Intake.Notifications;

namespace ReferralService.Gathering.Subscriptions;

/// <summary>Asks an EHR for the numbered events of a topic subscription whose hooks never came, and how it counts now.</summary>
/// <remarks>Subscriptions Backport, operations $events and $status: a server need not have the one, and may keep only its last events.</remarks>
internal sealed class MissedEvents(EhrConnections connections)
{
    /// <summary>Beyond so many a sweep is quicker.</summary>
    private const long Most = TopicNotification.MostOrders;

    /// <param name="from">First number missing.</param>
    /// <param name="until">Last number that may be missing.</param>
    /// <returns>The orders they name, and whether every number was told: else only a sweep finds the rest.</returns>
    public async Task<(ImmutableArray<OrderReference> Orders, bool Complete)> AskAsync(string ehr, string resourceId, long from, long until, CancellationToken cancellationToken)
    {
        if (until - from >= Most) return ([], false);
        var query = FormattableString.Invariant($"eventsSinceNumber={from}&eventsUntilNumber={until}&content=id-only");
        if (await QueryAsync(ehr, resourceId, "events", query, cancellationToken) is not { } told) return ([], false);
        bool complete = !told.SweepDue && told.News.Events.Count(n => n >= from && n <= until) == until - from + 1;
        return (told.Orders, complete);
    }

    /// <summary>How the EHR counts, whatever reached us: null where it does not say, or says that the subscription does not work.</summary>
    public async Task<long?> TotalAsync(string ehr, string resourceId, CancellationToken cancellationToken)
        => await QueryAsync(ehr, resourceId, "status", "", cancellationToken) is { News: { Status: "active", Total: { } total } } ? total : null;

    private async Task<Notification?> QueryAsync(string ehr, string resourceId, string operation, string query, CancellationToken cancellationToken)
    {
        if (connections.Find(ehr) is not { } connection) return null;
        try
        {
            var bundle = await connection.GetAsync((client, token) => client.AskAsync("Subscription", resourceId, operation, query, token), cancellationToken);
            return bundle.Type == "Bundle" ? TopicNotification.Read(bundle, connection.Options.BaseUrl) : null;
        }
        catch (Exception e) when (EhrFailure.Of(e) is not null)
        {
            // Not there, or not now: the sweep does not need it.
            return null;
        }
    }
}
