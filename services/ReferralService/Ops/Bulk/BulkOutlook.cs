using System.Collections.Immutable;
using ReferralService.Contracts;
using ReferralService.Intake.Requests;
using ReferralService.Ledger;

namespace ReferralService.Ops.Bulk;

/// <summary>What an act would come to now.</summary>
/// <param name="Recipients">How many of those it would be done to go to each recipient; empty name: not known yet.</param>
/// <param name="Skipped">How many would be left as they are, by code.</param>
internal sealed record BulkOutlook(int Total, int WillDo, IReadOnlyList<(string Recipient, int Count)> Recipients, IReadOnlyList<(string Code, int Count)> Skipped);

/// <summary>What is done to one referral of an act, and what that would come to: the same rules, the second time without writing.</summary>
internal sealed class BulkRules(ReferralRequests requests, ReferralBook book, BulkBook bulks)
{
    /// <summary>It was so already; not an error, and nothing is done.</summary>
    public const string NothingToDo = "nothing-to-do";

    private const int Slice = 500;

    public RequestPlan PlanOf(BulkAction action, ReferralId id, DateTimeOffset now)
        => action.Action == OperatorActs.Cancel ? ReferralRequests.Cancel(id, now) : requests.Retry(id, action.Recipient, now);

    /// <summary>How a decision stands in the list: done, nothing to do, or the code of its refusal. A delivered referral is told as that, whatever the act.</summary>
    public static string OutcomeOf(Decision<RequestAnswer> decision, Referral? before) => decision.Answer switch
    {
        RequestAnswer.Refused when before is { State: ReferralState.Delivered } => ReasonCodes.AlreadyDelivered,
        RequestAnswer.Refused refused => refused.Code,
        _ when decision.Changed.All(change => change.Entries.IsEmpty && change.After == before) => NothingToDo,
        _ => OperatorAction.Done,
    };

    public async Task<BulkOutlook> LookAheadAsync(BulkAction action, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (recipients, skipped) = (new SortedDictionary<string, int>(StringComparer.Ordinal), new SortedDictionary<string, int>(StringComparer.Ordinal));
        int total = 0, done = 0;
        for (var after = -1; ; after += Slice)
        {
            var items = await bulks.ItemsAsync(action.Id, after, Slice, cancellationToken);
            if (items.IsEmpty)
            {
                break;
            }

            total += items.Length;
            var orders = (await book.OfBulkAsync(action.Id, after, Slice, cancellationToken)).GroupBy(row => (row.Ehr, row.OrderId)).ToDictionary(rows => rows.Key, rows => rows.ToImmutableArray());
            var orderOf = orders.SelectMany(order => order.Value.Select(row => (row.Id, order.Key))).ToDictionary(pair => pair.Id, pair => pair.Key);
            foreach (var item in items)
            {
                var rows = orderOf.TryGetValue(item.Referral, out var order) ? orders[order] : [];
                var before = rows.FirstOrDefault(row => row.Id == item.Referral);
                var decision = PlanOf(action, item.Referral, now).Decide(rows);
                var outcome = OutcomeOf(decision, before);
                if (outcome != OperatorAction.Done)
                {
                    skipped[outcome] = skipped.GetValueOrDefault(outcome) + 1;
                    continue;
                }

                done++;
                var after1 = decision.Changed.Single(change => change.After.Id == item.Referral).After;

                // What is done to one may forbid it to the next of the same order.
                orders[order] = [.. rows.Select(row => row.Id == item.Referral ? after1 : row)];
                var recipient = after1.Recipient ?? after1.RecipientAsked ?? "";
                recipients[recipient] = recipients.GetValueOrDefault(recipient) + 1;
            }
        }

        return new(total, done, [.. recipients.Select(one => (one.Key, one.Value))], [.. skipped.Select(one => (one.Key, one.Value))]);
    }
}
