using ReferralService.Ledger;

namespace ReferralService.Ops.Pages.Parts;

/// <summary>How a referral stands, in words for people: its state, told apart where one state means different things to whoever has to act.</summary>
/// <remarks>Public like all that a component is given: components are, and so must be what they take.</remarks>
/// <param name="Symbol">So that no colour is needed to tell it.</param>
/// <param name="Tone">Class of the style sheet: going, waiting, unsure, act, good, bad, over.</param>
public sealed record Standing(string Symbol, string Words, string Tone)
{
    /// <summary>Of many: any of the four that follow.</summary>
    public static readonly Standing UnderWay = new("◔", "Under way", "going");
    public static readonly Standing Waiting = new("○", "Waiting", "going");
    public static readonly Standing Gathering = new("◔", "Gathering", "going");
    public static readonly Standing Ready = new("◑", "Packaged", "going");
    public static readonly Standing Sending = new("◕", "Sending", "going");
    public static readonly Standing PutOff = new("↻", "Put off", "waiting");
    public static readonly Standing Paused = new("‖", "Paused", "waiting");
    public static readonly Standing Unknown = new("?", "Unknown outcome", "unsure");
    public static readonly Standing Held = new("!", "Held: needs you", "act");
    public static readonly Standing Delivered = new("✓", "Delivered", "good");
    public static readonly Standing Failed = new("✕", "Failed", "bad");
    public static readonly Standing Cancelled = new("–", "Cancelled", "over");

    /// <param name="waits">Whether a pause keeps it waiting.</param>
    internal static Standing Of(Referral row, bool waits) => row switch
    {
        { State: ReferralState.Delivered } => Delivered,
        { State: ReferralState.Held } => Held,
        { State: ReferralState.Failed } => Failed,
        { State: ReferralState.Cancelled } => Cancelled,
        { State: ReferralState.Delivering, Working: true } => Sending,
        { OutcomeUnknown: true } => Unknown,
        { Working: false } when waits => Paused,
        { Working: false, ErrorCode: not null } => PutOff,
        { State: ReferralState.Packaged or ReferralState.Delivering } => Ready,
        { State: ReferralState.Gathering } => Gathering,
        _ => Waiting,
    };
}
