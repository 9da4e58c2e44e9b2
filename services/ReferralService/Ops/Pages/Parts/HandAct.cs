using ReferralService.Ledger;

namespace ReferralService.Ops.Pages.Parts;

/// <summary>A line of what was done by hand, as a page shows it.</summary>
/// <param name="Says">In words.</param>
/// <param name="Outcome">done, or the code of why it was not.</param>
public sealed record HandAct(
    DateTimeOffset At, string Actor, string Role, string Says, Guid? Referral, string? Partner, Guid? Bulk, string? Reason, string? Ticket, string Outcome)
{
    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        [OperatorActs.Submit] = "submitted an order",
        [OperatorActs.Preview] = "looked at a preview",
        [OperatorActs.Retry] = "retried",
        [OperatorActs.Cancel] = "cancelled",
        [OperatorActs.Pause] = "paused",
        [OperatorActs.Resume] = "resumed",
        [OperatorActs.Reveal] = "looked at the contents",
        [OperatorActs.ReadPackage] = "downloaded the package",
        [OperatorActs.ReadManifest] = "read the manifest",
        [OperatorActs.Bulk] = "asked for an act on many",
        [OperatorActs.BulkRetry] = "retried many",
        [OperatorActs.BulkCancel] = "cancelled many",
        [OperatorActs.BulkStop] = "called off the rest of many",
        [OperatorActs.Reingest] = "put a dead letter back",
        [OperatorActs.DeleteLetter] = "deleted a dead letter",
        [OperatorActs.RevealLetter] = "looked at a dead letter",
        [OperatorActs.SignIn] = "signed in",
        [OperatorActs.SignOut] = "signed out",
    };

    public bool Done => Outcome == OperatorAction.Done;

    /// <param name="withTicket">Who looks is of role privacy: a ticket may be a number of the patient's.</param>
    internal static HandAct Of(OperatorAction act, bool withTicket)
        => new(act.At, act.Actor, act.Role, Words.GetValueOrDefault(act.Action, act.Action), act.Referral?.Value, act.Partner, act.Bulk, act.Reason, withTicket ? act.Ticket : null, act.Outcome);
}
