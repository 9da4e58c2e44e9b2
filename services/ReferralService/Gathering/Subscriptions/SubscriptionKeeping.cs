using System.Collections.Concurrent;
using System.Globalization;
using ReferralService.Contracts;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Intake;
using ReferralService.Intake.Settings;
using ReferralService.Ledger;

namespace ReferralService.Gathering.Subscriptions;

/// <summary>Sees to it that an EHR has one live Subscription for us, as the settings say: finds, makes, changes, renews and repairs it, and deletes its doubles.</summary>
internal sealed class SubscriptionKeeping(EhrConnections connections, MissedEvents missed, PublicAddress address)
{
    private readonly ConcurrentDictionary<string, Remembered> _remembered = new(StringComparer.Ordinal);

    /// <param name="begin">To be awaited before the EHR is asked to make one: its id where we choose it. False: somebody else keeps it now.</param>
    public async Task<SubscriptionFinding> CheckAsync(
        EhrOptions ehr, KeptSubscription kept, DateTimeOffset now, Func<string?, Task<bool>> begin, CancellationToken cancellationToken)
    {
        if (connections.Find(ehr.Name) is not { } connection) return Failed(kept, ReasonCodes.EhrUnknown, null);
        var visit = new Visit(connection, SubscriptionPlan.For(ehr, address.Url!), kept, now, _remembered.GetOrAdd(ehr.Name, _ => new Remembered()));
        try
        {
            bool choosesId = (await connection.CapabilitiesAsync(cancellationToken))?.Resources.GetValueOrDefault("Subscription")?.UpdateCreate ?? false;
            var (view, doubles) = await FindAsync(visit, choosesId, cancellationToken);
            var found = view is null
                ? await CreateAsync(visit, choosesId, begin, cancellationToken)
                : await MendAsync(visit, view, cancellationToken);
            return found with { Duplicates = doubles };
        }
        catch (Exception e) when (EhrFailure.Of(e) is { } failure)
        {
            return Failed(kept, failure.Code, failure.RetryAfter);
        }
    }

    private static SubscriptionFinding Failed(KeptSubscription kept, string code, TimeSpan? retryAfter)
        => new(kept.ResourceId, kept.Status, code, SubscriptionAct.None, RetryAfter: retryAfter);

    /// <summary>The one to keep, and how many others of ours were deleted beside it.</summary>
    private static async Task<(SubscriptionView? Kept, int Doubles)> FindAsync(Visit visit, bool choosesId, CancellationToken cancellationToken)
    {
        SubscriptionView? kept = null;
        foreach (var id in new[] { visit.Kept.ResourceId, choosesId ? visit.Plan.Id : null }.OfType<string>().Distinct())
        {
            kept ??= await ReadAsync(visit, id, cancellationToken);
        }

        // Where we choose the id there is never a second one, unless an earlier PublicUrl or another way left one: looked for once in a process.
        if (kept is not null && choosesId && visit.Remembered.Searched) return (kept, 0);
        var ours = await SubscriptionSearch.FindAsync(visit.Connection, visit.Plan, cancellationToken);
        visit.Remembered.Searched = true;
        kept ??= ours.FirstOrDefault(view => view.Status == "active") ?? (ours.Count > 0 ? ours[0] : null);
        int deleted = 0;
        foreach (var other in ours.Where(view => view.Id != kept?.Id))
        {
            await DeleteAsync(visit.Connection, other.Id!, cancellationToken);
            deleted++;
        }

        return (kept, deleted);
    }

    private static async Task<SubscriptionView?> ReadAsync(Visit visit, string id, CancellationToken cancellationToken)
    {
        try
        {
            var view = SubscriptionView.Read(await visit.Connection.GetAsync((client, token) => client.ReadAsync("Subscription", id, token), cancellationToken));
            return SubscriptionPlan.IsMarked(view) ? view : null;
        }
        catch (Exception e) when (EhrFailure.Of(e) is { Kind: FailureKind.NotFound or FailureKind.Gone })
        {
            return null;
        }
    }

    private static async Task DeleteAsync(EhrConnection connection, string id, CancellationToken cancellationToken)
    {
        try
        {
            await connection.WriteAsync((client, token) => client.DeleteAsync("Subscription", id, token), cancellationToken);
        }
        catch (Exception e) when (EhrFailure.Of(e) is { Kind: FailureKind.NotFound or FailureKind.Gone })
        {
            // Somebody was quicker.
        }
    }

    private static async Task<SubscriptionFinding> CreateAsync(Visit visit, bool choosesId, Func<string?, Task<bool>> begin, CancellationToken cancellationToken)
    {
        var (plan, wasThere) = (visit.Plan, visit.Kept.Status != KeptSubscription.NoStatus);
        if (!await begin(choosesId ? plan.Id : null)) return Failed(visit.Kept, ReasonCodes.LeaseLost, null);
        var id = await WriteAsync(visit, choosesId ? [plan.Id, null] : [null], [plan.Filters], cancellationToken);
        return id.Refusal is { } refusal
            ? new SubscriptionFinding(null, KeptSubscription.NoStatus, ReasonCodes.SubscriptionRefused, SubscriptionAct.None, RetryAfter: refusal.RetryAfter)
            : new SubscriptionFinding(id.ResourceId, "requested", wasThere ? ReasonCodes.SubscriptionGone : null, SubscriptionAct.Created);
    }

    private async Task<SubscriptionFinding> MendAsync(Visit visit, SubscriptionView view, CancellationToken cancellationToken)
    {
        var (act, code) = await JudgeAsync(visit, view, cancellationToken);
        var status = view.Status ?? KeptSubscription.NoStatus;
        if (act == SubscriptionAct.None) return new SubscriptionFinding(view.Id, status, code, act);
        // A server that cannot keep our filters stores the ones it can with status error: taking those is better than nothing, as Criteria are evaluated here again.
        bool adjusted = view.Status == "error" && view.Filters.Count > 0 && !view.Filters.SequenceEqual(visit.Plan.Filters) && view.Criteria == visit.Plan.Criteria;
        var written = await WriteAsync(visit, [view.Id], [adjusted ? view.Filters : visit.Plan.Filters], cancellationToken);
        return written.Refusal is { } refusal
            ? new SubscriptionFinding(view.Id, status, ReasonCodes.SubscriptionRefused, SubscriptionAct.None, RetryAfter: refusal.RetryAfter)
            : new SubscriptionFinding(view.Id, "requested", code, act);
    }

    /// <summary>What is wrong with it, if anything.</summary>
    private async Task<(SubscriptionAct Act, string? Code)> JudgeAsync(Visit visit, SubscriptionView view, CancellationToken cancellationToken)
    {
        var (plan, kept, memory, now) = (visit.Plan, visit.Kept, visit.Remembered, visit.Now);
        if (view.Status is "error" or "off") return (SubscriptionAct.Repaired, ReasonCodes.SubscriptionStopped);
        var shape = SubscriptionPlan.ShapeOf(view);
        if (memory.Fresh) (memory.Fresh, memory.Shape) = (false, shape);
        // A server may keep the header to itself or write a thing another way: what it showed after our last write is right, too.
        if (shape != plan.Shape && shape != memory.Shape) return (SubscriptionAct.Updated, null);
        if (EndsSoon(view, kept, now)) return (SubscriptionAct.Renewed, null);
        var waited = now - (kept.BegunAt ?? now);
        if (view.Status != "active") return waited > 2 * plan.Heartbeat ? (SubscriptionAct.Repaired, ReasonCodes.SubscriptionPending) : (SubscriptionAct.None, null);
        if (plan.Kind != SubscribeMode.Topic || now - (kept.SignAt ?? now) < 2 * plan.Heartbeat) return (SubscriptionAct.None, null);
        // Not every server has heartbeats: one that says it sent no more than we heard is quiet, not dead.
        return await missed.TotalAsync(visit.Connection.Options.Name, view.Id!, cancellationToken) is { } total && total == kept.Count.Seen
            ? (SubscriptionAct.None, null)
            : (SubscriptionAct.Repaired, ReasonCodes.SubscriptionSilent);
    }

    /// <summary>Half of the time it was given is over. A server may give less than we ask for, or none to end.</summary>
    private static bool EndsSoon(SubscriptionView view, KeptSubscription kept, DateTimeOffset now)
    {
        if (!DateTimeOffset.TryParse(view.End, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end)) return false;
        var given = kept.BegunAt is { } begun && end - begun < SubscriptionPlan.Life ? end - begun : SubscriptionPlan.Life;
        return end - now < given / 2;
    }

    /// <summary>Asks under each id (null: the EHR's choice) and with each set of filters until one is not refused.</summary>
    private static async Task<(string? ResourceId, EhrFailure? Refusal)> WriteAsync(
        Visit visit, IReadOnlyList<string?> ids, IReadOnlyList<IReadOnlyList<string>> filters, CancellationToken cancellationToken)
    {
        EhrFailure? refusal = null;
        foreach (var id in ids)
        {
            foreach (var some in visit.Plan.Filters.Count > 0 ? [.. filters, []] : filters)
            {
                using var body = SubscriptionBody.Write(visit.Plan, id, some, visit.Now + SubscriptionPlan.Life);
                try
                {
                    var answer = await visit.Connection.WriteAsync(
                        (client, token) => id is null ? client.CreateAsync("Subscription", body, null, token) : client.UpdateAsync("Subscription", id, body, null, token), cancellationToken);
                    visit.Remembered.Fresh = true;
                    return (id ?? IdOf(answer.Location), null);
                }
                catch (Exception e) when (EhrFailure.Of(e) is { Kind: FailureKind.Refused or FailureKind.NotFound or FailureKind.Gone } failure)
                {
                    refusal = failure;
                }
            }
        }

        return (null, refusal);
    }

    private static string? IdOf(string? location) => location is not null && FhirReference.Parse(location) is { Type: "Subscription", Id: { } id } ? id : null;

    private sealed record Visit(EhrConnection Connection, SubscriptionPlan Plan, KeptSubscription Kept, DateTimeOffset Now, Remembered Remembered);

    /// <summary>What this process knows of an EHR's Subscription beside the ledger.</summary>
    private sealed class Remembered
    {
        /// <summary>Doubles were looked for.</summary>
        public bool Searched { get; set; }

        /// <summary>It was written by us and not read since.</summary>
        public bool Fresh { get; set; }

        /// <summary>How the EHR showed it after our last write.</summary>
        public string? Shape { get; set; }
    }
}
