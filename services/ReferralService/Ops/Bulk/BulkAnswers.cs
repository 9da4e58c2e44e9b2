using System.Text.Json.Serialization;
using ReferralService.Ledger;

namespace ReferralService.Ops.Bulk;

/// <summary>How an act on many stands: <c>GET /api/bulk/{token}</c>.</summary>
/// <param name="Recipient">To whom else; null leaves each its own.</param>
/// <param name="State">previewed, running, done or stopped.</param>
/// <param name="Matched">How many it was asked for.</param>
/// <param name="Total">How many are in the list: no more than 10000.</param>
/// <param name="Preview">Only while previewed: what it would come to now.</param>
/// <param name="Outcomes">How many came to what: done, nothing-to-do, stopped, or the code of why it was left; what had no turn yet is in none.</param>
/// <param name="Items">The referrals with their outcomes, 100 at a time.</param>
/// <param name="Next">Position behind which the next page begins (<c>?after=</c>); null on the last.</param>
public sealed record BulkAnswer(
    Guid Token, string Action, string? Recipient, string State, string Actor, DateTimeOffset At, DateTimeOffset? BegunAt, DateTimeOffset? EndedAt, int Matched, int Total, int Finished,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] BulkPreviewAnswer? Preview, IReadOnlyDictionary<string, int> Outcomes, IReadOnlyList<BulkItemAnswer> Items, int? Next);

/// <param name="Recipients">How many would go to each; empty name: found when it is gathered.</param>
/// <param name="Skipped">How many would be left as they are, by code.</param>
public sealed record BulkPreviewAnswer(int WillDo, IReadOnlyDictionary<string, int> Recipients, IReadOnlyDictionary<string, int> Skipped);

/// <param name="Outcome">Null while it had no turn.</param>
public sealed record BulkItemAnswer(Guid Referral, string? Outcome, DateTimeOffset? At);

/// <summary>Reads an act whole: for the API and for its page.</summary>
internal sealed class BulkReads(BulkBook bulks, BulkRules rules, TimeProvider time)
{
    private const int Items = 100;

    /// <param name="after">Position of the last item seen; -1 for the first page.</param>
    /// <returns>Null: there is none of this token.</returns>
    public async Task<BulkAnswer?> FindAsync(Guid token, int after, CancellationToken cancellationToken)
    {
        if (await bulks.FindAsync(token, cancellationToken) is not { } action)
        {
            return null;
        }

        var tally = await bulks.TallyAsync(token, cancellationToken);
        var items = await bulks.ItemsAsync(token, after, Items, cancellationToken);
        var outlook = action.State == BulkState.Previewed ? await rules.LookAheadAsync(action, time.GetUtcNow(), cancellationToken) : null;
        var outcomes = tally.Where(one => one.Key.Length > 0).ToDictionary(one => one.Key, one => one.Value, StringComparer.Ordinal);
        return new(
            token, action.Action, action.Recipient, action.State.ToString().ToLowerInvariant(), action.Actor, action.At, action.BegunAt, action.EndedAt, action.Matched,
            tally.Values.Sum(), outcomes.Values.Sum(),
            outlook is null ? null : new(outlook.WillDo, outlook.Recipients.ToDictionary(one => one.Recipient, one => one.Count), outlook.Skipped.ToDictionary(one => one.Code, one => one.Count)),
            outcomes, [.. items.Select(item => new BulkItemAnswer(item.Referral.Value, item.Outcome, item.At))], items.Length == Items ? items[^1].Position : null);
    }
}
