using ReferralService.Contracts;

namespace ReferralService.Ledger.Transitions;

/// <summary>What is told a person while a referral waits to be tried again: one static sentence per code.</summary>
internal static class DeferralMessages
{
    public static string For(string code) => code switch
    {
        ReasonCodes.EhrUnreachable => "The EHR does not answer; it is asked again at nextAttemptAt.",
        ReasonCodes.EhrThrottled => "The EHR asks for patience; it is asked again at nextAttemptAt.",
        ReasonCodes.EhrError => "The EHR answers with an error; it is asked again at nextAttemptAt.",
        ReasonCodes.OrderNotFound => "The EHR does not show the order yet; it is asked again at nextAttemptAt, for five minutes.",
        ReasonCodes.RecipientUnreachable => "The recipient cannot be reached; nothing was sent. Again at nextAttemptAt.",
        ReasonCodes.RecipientThrottled or ReasonCodes.RecipientBusy => "The recipient asks for patience; nothing was taken. Again at nextAttemptAt.",
        ReasonCodes.OutcomeUnknown => "The answer to the attempt was lost or unclear; the recipient is asked at nextAttemptAt before anything is sent again.",
        ReasonCodes.RecipientWorking => "The recipient has taken the package and works on it; it is asked at nextAttemptAt what became of it.",
        ReasonCodes.InternalError => "A fault of this service, in its log; again at nextAttemptAt.",
        _ => "It is tried again at nextAttemptAt.",
    };
}
