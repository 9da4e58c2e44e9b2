using static ReferralService.Contracts.ReasonCodes;

namespace ReferralService.Contracts;

/// <summary>What waits or is mended by itself, and what has ended.</summary>
internal static class WaitingRemedies
{
    private const string EhrAgain = "It is asked again, with growing pauses, until Gathering:Deadline; then it is held as record-incomplete. Before a delivery: until Delivery:Deadline.";
    private const string RecipientAgain = "It is tried again, with growing pauses, until Delivery:Deadline; then it has failed as deadline-passed. Where it never said at /metadata what it takes: held under this code at Gathering:Deadline.";
    private const string Mended = "It is mended with growing pauses of at most an hour, and a sweep then asks for what was missed. Polling goes on.";

    public static IReadOnlyList<ReasonRemedy> All { get; } =
    [
        Deferred(EhrUnreachable, "The EHR does not answer.", EhrAgain,
            "See that it runs and that the network lets the service reach it. Retry brings the next try forward."),
        Deferred(EhrThrottled, "The EHR asks for patience (429).", EhrAgain,
            "Nothing, if it passes. Else lower Flow:PerEhr, or ask its operator for more."),
        Deferred(EhrError, "The EHR answers with an error.", EhrAgain,
            "Ask the EHR's operator, with the status and the instant in the timeline."),
        Deferred(RecipientUnreachable, "The recipient does not answer. Nothing was sent.", RecipientAgain,
            "See that it runs. Retry brings the next try forward. Before planned work over there, pause it."),
        Deferred(RecipientThrottled, "The recipient asks for patience (429).", RecipientAgain + " Its Retry-After is heeded, up to an hour.",
            "Nothing, if it passes. Else lower Flow:PerRecipient, or ask its operator for more."),
        Deferred(RecipientBusy, "The recipient answers that it cannot take it now (503, 425).", RecipientAgain,
            "Nothing, if it passes. Else ask its operator. One with Form Auto that never said what it takes can be given a Recipients:{name}:Form."),
        Deferred(RecipientWorking, "The recipient took the package with 202 and works on it.", "It is asked where it said so (where it said nothing, whether the package is there yet) until Delivery:Deadline.",
            "Nothing. If it stays so for hours, ask the recipient's operator."),
        Deferred(OutcomeUnknown, "The answer to an attempt was lost, so it may have landed.", "The recipient is asked before anything is sent again.",
            "Nothing. If it cannot be asked until the deadline, the referral is held as delivery-unknown."),
        Deferred(LeaseLost, "Another replica has the referral.", "The other replica goes on with it.",
            "Nothing."),
        Deferred(InternalError, "A fault of this program, logged with its stack. As the answer to a request: nothing was accepted.", "It is tried again, with growing pauses.",
            "Report it with the log's lines if it stays."),

        Subscription(SubscriptionRefused, "The EHR does not take the Subscription (400, 404, 405, 422).",
            "See whether it has Subscriptions at all, takes Ehrs:{name}:Criteria, and offers Ehrs:{name}:Topic; set Ehrs:{name}:Subscribe to Off if not."),
        Subscription(SubscriptionStopped, "The EHR set the Subscription to error or off, mostly because it could not deliver. It was asked to be active again.",
            "See that the EHR reaches PublicUrl. To stop it on purpose set Ehrs:{name}:Subscribe to Off: what was switched off at the EHR is switched on again."),
        Subscription(SubscriptionGone, "The Subscription was deleted at the EHR. It was made again.",
            "Nothing, if it was once. Else ask who deletes it."),
        Subscription(SubscriptionPending, "The EHR has not made the Subscription active for two heartbeats.",
            "A handshake does not arrive at PublicUrl, or the EHR's Subscriptions are switched off: see which."),
        Subscription(SubscriptionSilent, "Two heartbeats did not come, and the EHR does not say that it sent all we heard.",
            "See that the EHR reaches PublicUrl. One that has neither heartbeats nor $status is better subscribed to with a long Ehrs:{name}:Heartbeat."),

        Ended(Refused, "The recipient answered 400 or 422; its issue codes stand in the timeline.", "Nothing more is sent. A newer active version of the order makes the next version of the package.",
            "Talk to the recipient. Retry sends the same package again, with a new deadline."),
        Ended(DeadlinePassed, "The recipient could not be reached until Delivery:Deadline.", "Nothing more is sent. A newer active version of the order makes the next version of the package.",
            "When it can be reached again, retry: that sets a new deadline."),
        Ended(OrderRevoked, "The order was revoked at the EHR.", "If the order becomes active again, the referral is reopened.",
            "Nothing."),
        Ended(CancelledByOperator, "Somebody cancelled it here.", "Nothing more is sent.",
            "Submit the order again with a recipient if it was a mistake."),
    ];

    private static ReasonRemedy Deferred(string code, string meaning, string byItself, string remedy) => new(code, ReasonKind.Deferred, meaning, byItself, remedy);

    private static ReasonRemedy Subscription(string code, string meaning, string remedy) => new(code, ReasonKind.Subscription, meaning, Mended, remedy);

    private static ReasonRemedy Ended(string code, string meaning, string byItself, string remedy) => new(code, ReasonKind.Ended, meaning, byItself, remedy);
}
