using System.Collections.Frozen;

namespace ReferralService.Ledger.Transitions;

/// <summary>What happens to a referral from outside its own steps.</summary>
internal enum Trigger { Retry, Cancel, OrderMoved, OrderRevoked }

/// <summary>A state as the table of interfaces §5 splits it: delivering counts as open while an attempt is in flight or its outcome is unknown.</summary>
internal enum Situation { Received, Gathering, Packaged, DeliveringIdle, DeliveringOpen, Held, Failed, Delivered, Cancelled }

/// <summary>What is done about it.</summary>
internal enum Reaction
{
    /// <summary>Work is wanted at once; nothing else changes.</summary>
    DueNow,

    /// <summary>409: an attempt is in flight or its outcome unknown.</summary>
    RefuseInFlight,

    /// <summary>By the code it is held for: gather, resolve, resend, or 409.</summary>
    ResumeByCode,

    /// <summary>The same package again, a new deadline.</summary>
    ResendPackage,

    /// <summary>409 use-forward: ask for another recipient instead.</summary>
    RefuseUseForward,

    /// <summary>409: it is cancelled.</summary>
    RefuseCancelled,

    /// <summary>409: it is delivered.</summary>
    RefuseDelivered,

    /// <summary>State cancelled.</summary>
    Cancel,

    /// <summary>Cancelled if the attempt turns out not to have landed.</summary>
    CancelPending,

    /// <summary>Gathers again from the order's new version.</summary>
    GatherAgain,

    /// <summary>Gathers again unless held for delivery-unknown, partly-stored or poison; then noted.</summary>
    GatherAgainUnlessSettled,

    /// <summary>Gathers again; what was built is dropped and the next package has version n+1.</summary>
    NewPackageVersion,

    /// <summary>Noted, applied if the attempt did not land.</summary>
    NotePending,

    /// <summary>Noted in the timeline.</summary>
    Note,

    /// <summary>Reopened if a revocation had cancelled it.</summary>
    ReopenIfRevoked,

    /// <summary>Nothing happens.</summary>
    Nothing,
}

/// <summary>The table of interfaces §5, as code.</summary>
internal static class ReactionTable
{
    private static readonly FrozenDictionary<(Situation, Trigger), Reaction> Cells = Rows(
        // state                        retry                    cancel                    newer active order                  order revoked
        (Situation.Received,       Reaction.DueNow,           Reaction.Cancel,          Reaction.GatherAgain,              Reaction.Cancel),
        (Situation.Gathering,      Reaction.DueNow,           Reaction.Cancel,          Reaction.GatherAgain,              Reaction.Cancel),
        (Situation.Packaged,       Reaction.DueNow,           Reaction.Cancel,          Reaction.NewPackageVersion,        Reaction.Cancel),
        (Situation.DeliveringIdle, Reaction.DueNow,           Reaction.Cancel,          Reaction.NewPackageVersion,        Reaction.Cancel),
        (Situation.DeliveringOpen, Reaction.RefuseInFlight,   Reaction.CancelPending,   Reaction.NotePending,              Reaction.CancelPending),
        (Situation.Held,           Reaction.ResumeByCode,     Reaction.Cancel,          Reaction.GatherAgainUnlessSettled, Reaction.Cancel),
        (Situation.Failed,         Reaction.ResendPackage,    Reaction.Cancel,          Reaction.NewPackageVersion,        Reaction.Cancel),
        (Situation.Delivered,      Reaction.RefuseUseForward, Reaction.RefuseDelivered, Reaction.Note,                     Reaction.Note),
        (Situation.Cancelled,      Reaction.RefuseCancelled,  Reaction.Nothing,         Reaction.ReopenIfRevoked,          Reaction.Nothing));

    public static Reaction Of(Situation situation, Trigger trigger) => Cells[(situation, trigger)];

    public static Situation SituationOf(Referral referral) => referral.State switch
    {
        ReferralState.Received => Situation.Received,
        ReferralState.Gathering => Situation.Gathering,
        ReferralState.Packaged => Situation.Packaged,
        ReferralState.Delivering => referral.OutcomeUnknown ? Situation.DeliveringOpen : Situation.DeliveringIdle,
        ReferralState.Delivered => Situation.Delivered,
        ReferralState.Held => Situation.Held,
        ReferralState.Failed => Situation.Failed,
        ReferralState.Cancelled => Situation.Cancelled,
        _ => throw new ArgumentOutOfRangeException(nameof(referral)),
    };

    private static FrozenDictionary<(Situation, Trigger), Reaction> Rows(params (Situation S, Reaction Retry, Reaction Cancel, Reaction Moved, Reaction Revoked)[] rows)
        => rows.SelectMany(r => new[]
        {
            KeyValuePair.Create((r.S, Trigger.Retry), r.Retry),
            KeyValuePair.Create((r.S, Trigger.Cancel), r.Cancel),
            KeyValuePair.Create((r.S, Trigger.OrderMoved), r.Moved),
            KeyValuePair.Create((r.S, Trigger.OrderRevoked), r.Revoked),
        }).ToFrozenDictionary();
}
