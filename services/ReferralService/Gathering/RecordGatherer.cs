using System.Diagnostics;
using ReferralService.Contracts;
using ReferralService.Gathering.Plans;

namespace ReferralService.Gathering;

/// <summary>Gathers the record that belongs to an order: plan, pages, references, spool.</summary>
internal sealed partial class RecordGatherer(
    EhrConnections connections, LearnedHabits habits, GatheringOptions options, SpoolFolder folder, PlanBook plans, TimeProvider clock, ILogger<RecordGatherer> log)
{
    /// <summary>The try from which an optional pull that fails is a gap instead of a reason to wait.</summary>
    private const int TriesOfOptional = 3;

    /// <param name="now">The look-back window ends here.</param>
    /// <param name="tries">How often this was tried before; optional pulls become gaps on the third try.</param>
    public Task<GatherOutcome> GatherAsync(OrderSnapshot order, DateTimeOffset now, int tries, CancellationToken cancellationToken)
        => GatherAsync(order, now, tries, waits: tries + 1 < TriesOfOptional, cancellationToken);

    /// <summary>As the record would go if it had been waited for in vain: what is optional and does not come is a gap at once.</summary>
    public Task<GatherOutcome> ShowAsync(OrderSnapshot order, DateTimeOffset now, CancellationToken cancellationToken)
        => GatherAsync(order, now, tries: 0, waits: false, cancellationToken);

    private async Task<GatherOutcome> GatherAsync(OrderSnapshot order, DateTimeOffset now, int tries, bool waits, CancellationToken cancellationToken)
    {
        long started = clock.GetTimestamp();
        if (connections.Find(order.Ehr) is not { } ehr) return new GatherOutcome.Impossible(ReasonCodes.EhrUnknown, "No EHR of that name is configured.");
        var own = new OwnOrigin(ehr.Client.Base);
        if (order.View.Subject?.Reference is not { Key: { Type: "Patient" } patient } subject || !own.Holds(subject))
            return new GatherOutcome.Impossible(ReasonCodes.WrongPatient, "ServiceRequest.subject names no Patient of this EHR.");

        var spool = folder.NewSpool();
        var index = new RecordIndex(own, spool, options);
        GatherOutcome? outcome = null;
        try
        {
            outcome = await new GatherRun(ehr, habits, options, own, index, patient, plans, mayMiss: !waits, mayGiveUp: tries + 1 >= TriesOfOptional).RunAsync(order, now, cancellationToken);
        }
        catch (RecordLimitException e)
        {
            outcome = new GatherOutcome.Impossible(e.Code, "The record is larger than Gathering:MaxRecordBytes or Gathering:MaxResources allows.");
        }
        catch (UnreadableHitException e)
        {
            outcome = new GatherOutcome.Impossible(
                ReasonCodes.RecordIncomplete, $"A resource of type {e.Type} at the EHR cannot be read safely (a key twice, nested too deeply, or text that is none); have it mended there.");
        }
        finally
        {
            if (outcome is not GatherOutcome.Gathered) await spool.DisposeAsync();
        }

        long ms = (long)clock.GetElapsedTime(started).TotalMilliseconds;
        switch (outcome)
        {
            case GatherOutcome.Gathered { Record: var record }:
                Log.Gathered(log, order.Ehr, order.View.Id, record.Resources.Count, index.Bytes, record.Gaps.Count, record.Searches.Count, ms);
                break;
            case GatherOutcome.Deferred deferred:
                Log.NotGathered(log, order.Ehr, order.View.Id, deferred.Code, tries + 1, ms);
                break;
            case GatherOutcome.Impossible impossible:
                Log.NotGathered(log, order.Ehr, order.View.Id, impossible.Code, tries + 1, ms);
                break;
            default:
                throw new UnreachableException();
        }

        return outcome;
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Information, "Gathered ServiceRequest/{Order} of {Ehr}: resources {Resources}, bytes {Bytes}, gaps {Gaps}, searches {Searches}, {Ms} ms")]
        public static partial void Gathered(ILogger log, string ehr, string order, int resources, long bytes, int gaps, int searches, long ms);

        [LoggerMessage(2002, LogLevel.Warning, "Did not gather ServiceRequest/{Order} of {Ehr}: {Code}, try {Try}, {Ms} ms")]
        public static partial void NotGathered(ILogger log, string ehr, string order, string code, int @try, long ms);
    }
}
