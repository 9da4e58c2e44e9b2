using ReferralService.Contracts;
using ReferralService.Intake.Access;
using ReferralService.Intake.Answers;
using ReferralService.Ledger;
using ReferralService.RecipientDirectory;

namespace ReferralService.Ops.Bulk;

/// <summary>Makes a frozen list of what is meant: from here on it is these referrals and no others, whatever matches later.</summary>
internal sealed class BulkFreezing(BulkBook bulks, ProblemBook problems, ReferralBook referrals, RecipientRegistry recipients, TimeProvider time)
{
    private static readonly Refusal UnknownRecipient = new(
        StatusCodes.Status400BadRequest, ReasonCodes.RecipientUnknown, "not-found", "No recipient of this name is configured under Recipients.");

    private static readonly Refusal Nothing = Refusal.BadRequest("value", "No referral is meant: none fits, or none fits any more.");

    /// <summary>Of what matches, no more are taken at once: the oldest.</summary>
    internal int Most { get; init; } = BulkAction.MostItems;

    /// <returns>The token of the act, or why there is none.</returns>
    public async Task<(Guid? Token, Refusal? Refusal)> FreezeAsync(HttpContext context, BulkWish wish)
    {
        if (wish.Recipient is { } recipient && recipients.Find(recipient) is null)
        {
            return (null, UnknownRecipient);
        }

        var (ids, matched) = await ChosenAsync(wish.Choice, context.RequestAborted);
        if (ids.Count == 0)
        {
            return (null, Nothing);
        }

        var now = time.GetUtcNow();
        var asked = ByHand.Act(context, wish.Action, now);
        var action = new BulkAction
        {
            Id = Guid.CreateVersion7(now), Action = wish.Action, Recipient = wish.Recipient, Actor = asked.Actor, Role = asked.Role, State = BulkState.Previewed, At = now, Matched = matched,
        };
        await bulks.FreezeAsync(action, ids, context.RequestAborted);
        return (action.Id, null);
    }

    private async Task<(IReadOnlyList<ReferralId> Ids, int Matched)> ChosenAsync(BulkChoice choice, CancellationToken cancellationToken)
    {
        switch (choice)
        {
            case BulkChoice.Ids ids:
                return (ids.Given, ids.Given.Count);
            case BulkChoice.Problem problem:
                var members = await problems.IdsAsync(problem.Key, Most, cancellationToken);
                return (members, Math.Max(members.Length, await problems.CountAsync(problem.Key, cancellationToken)));
            case BulkChoice.Filter filter:
                return await ListedAsync(filter.Query, cancellationToken);
            default:
                throw new InvalidOperationException("A choice is one of three.");
        }
    }

    /// <summary>By the list's own conditions, so that what is meant is what was seen there.</summary>
    private async Task<(IReadOnlyList<ReferralId> Ids, int Matched)> ListedAsync(ReferralQuery query, CancellationToken cancellationToken)
    {
        var ids = await referrals.OldestAsync(query, Most, cancellationToken);
        return (ids, ids.Count < Most ? ids.Count : Math.Max(ids.Count, await referrals.CountAsync(query, cancellationToken)));
    }
}
