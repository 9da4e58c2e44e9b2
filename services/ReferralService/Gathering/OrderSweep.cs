using System.Globalization;
using ReferralService.Contracts;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Resources;
using ReferralService.Ledger;

namespace ReferralService.Gathering;

/// <summary>How a sweep ended. Closed.</summary>
internal abstract record SweepOutcome
{
    private SweepOutcome() { }

    /// <param name="Cursor">Where the next sweep begins: the newest lastUpdated seen or the start of this one by the EHR's clock, less the overlap.</param>
    /// <param name="Nameless">Entries that may be orders and cannot be followed, for they say no id that could be asked for; 0 at a sound server.</param>
    public sealed record Swept(DateTimeOffset Cursor, int Orders, int Nameless = 0) : SweepOutcome;

    public sealed record Failed(string Code, TimeSpan? RetryAfter) : SweepOutcome;
}

/// <summary>Asks an EHR for the orders that match its criteria and changed since the cursor, page by page.</summary>
internal sealed class OrderSweep(EhrConnections connections, GatheringOptions options)
{
    /// <summary>The cursor reaches back at least this far behind what was seen, for orders that become visible late.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    private const string LastUpdated = "_lastUpdated";

    /// <param name="onOurClock">The cursor is an instant of our clock: translated to the EHR's, as its answers tell it.</param>
    /// <param name="store">Stores a page durably before the next one is asked for.</param>
    public async Task<SweepOutcome> RunAsync(
        string ehr, DateTimeOffset cursor, bool onOurClock, DateTimeOffset now, Func<IReadOnlyList<SweptOrder>, CancellationToken, Task> store, CancellationToken cancellationToken)
    {
        if (connections.Find(ehr) is not { } connection) return new SweepOutcome.Failed(ReasonCodes.EhrUnknown, null);
        var capabilities = await connection.CapabilitiesAsync(cancellationToken);
        if (onOurClock)
        {
            // Not one answer yet, so nothing is known of its clock: later.
            if (!connection.KnowsItsClock) return new SweepOutcome.Failed(ReasonCodes.EhrUnreachable, null);
            cursor = connection.OnItsClock(cursor);
        }

        var criteria = OrderCriteria.Parse(connection.Options.Criteria);
        EhrFailure? refusal = null;

        // Sorted, a page that comes late only repeats; but not every server sorts.
        foreach (bool sorted in new[] { true, false })
        {
            try
            {
                return await WalkAsync(connection, Query(criteria, capabilities, cursor, options.PageSize, sorted), cursor, now, store, cancellationToken);
            }
            catch (Exception e) when (EhrFailure.Of(e) is { } failure)
            {
                if (failure.Kind != FailureKind.Refused) return new SweepOutcome.Failed(failure.Code, failure.RetryAfter);
                refusal = failure;
            }
        }

        return new SweepOutcome.Failed(refusal!.Code, refusal.RetryAfter);
    }

    /// <summary>The search, as far as the EHR knows its parameters: what it leaves out is filtered on the order itself.</summary>
    public static string Query(OrderCriteria criteria, CapabilityView? capabilities, DateTimeOffset cursor, int pageSize, bool sorted)
    {
        bool known = capabilities is not null && capabilities.Resources.TryGetValue("ServiceRequest", out var told) && told.SearchParameters.Count > 0;
        var parts = criteria.Parameters.Where(p => !known || capabilities!.CanSearch("ServiceRequest", p.Name)).Select(p => p.Raw).ToList();
        // A whole instant: servers refuse or misread shorter ones.
        parts.Add($"{LastUpdated}=ge" + cursor.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        if (sorted) parts.Add($"_sort={LastUpdated}");
        parts.Add($"_count={pageSize}");
        return string.Join('&', parts);
    }

    /// <summary>Less the overlap behind the newest order seen (never ahead of the EHR's own clock), and never back.</summary>
    public static DateTimeOffset NextCursor(DateTimeOffset cursor, DateTimeOffset? newest, DateTimeOffset startedOnItsClock)
    {
        var seen = newest is { } n && n < startedOnItsClock ? n : startedOnItsClock;
        return seen - Overlap > cursor ? seen - Overlap : cursor;
    }

    private static async Task<SweepOutcome> WalkAsync(
        EhrConnection connection, string query, DateTimeOffset cursor, DateTimeOffset now,
        Func<IReadOnlyList<SweptOrder>, CancellationToken, Task> store, CancellationToken cancellationToken)
    {
        var walk = new SearchWalk(connection.ClientOptions.MaxPages, long.MaxValue);
        DateTimeOffset? newest = null;
        int orders = 0;
        int nameless = 0;
        bool? givesAll = null;
        string? next = null;
        do
        {
            var (page, seen, unnamed) = await connection.GetAsync((client, token) => PageAsync(client, query, next, token), cancellationToken);
            // It says that it did not look at the time: what is older than was asked for, perhaps by years, is nobody's news.
            givesAll ??= SelfLink.Ignored(page.SelfLink, [LastUpdated]).Count > 0;
            var wanted = seen.Where(order => givesAll == false || order.At is not { } at || at >= cursor).ToList();
            if (wanted.Count > 0) await store([.. wanted.Select(order => order.Order)], cancellationToken);
            orders += wanted.Count;
            nameless += unnamed + page.Hollow;
            if (wanted.Max(order => order.At) is { } last && (newest is null || last > newest)) newest = last;
            next = walk.Next(page);
        }
        while (next is not null);

        return new SweepOutcome.Swept(NextCursor(cursor, newest, connection.OnItsClock(now)), orders, nameless);
    }

    private static async Task<(SearchPage Page, List<(SweptOrder Order, DateTimeOffset? At)> Seen, int Nameless)> PageAsync(
        FhirClient client, string query, string? next, CancellationToken cancellationToken)
    {
        var orders = new List<(SweptOrder, DateTimeOffset?)>();
        int nameless = 0;
        SearchEntrySink sink = (entry, _) =>
        {
            // Read by itself it will say what is wrong with it; a sweep that failed of it would never get past.
            if (entry is { Fault: not null, Type: "ServiceRequest", Key.Id: { } odd }) orders.Add((new SweptOrder(odd, null), null));
            else if (entry is { Fault: null, Mode: SearchEntryMode.Match, Resource: { Type: "ServiceRequest", Id: { } id } order })
                orders.Add((new SweptOrder(id, order.VersionId), FhirDate.Instant(order.LastUpdated)));

            // An order nobody can ask for, or something that says neither what it is nor its id: told, for nothing else can be done with it.
            else if (entry is { Fault: null, Mode: SearchEntryMode.Match, Resource.Type: "ServiceRequest" } or { Fault: not null, Type: "ServiceRequest" or null }) nameless++;

            return ValueTask.CompletedTask;
        };
        var page = next is null ? await client.SearchAsync("ServiceRequest", query, sink, cancellationToken) : await client.FollowAsync(next, sink, cancellationToken);
        return (page, orders, nameless);
    }
}
