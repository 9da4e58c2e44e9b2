namespace ReferralService.Intake.Commands;

/// <summary>Which queue names a sender may have its answer sent to.</summary>
internal static class ReplyAddress
{
    /// <summary>AMQP's short string.</summary>
    private const int Longest = 255;

    /// <summary>
    /// Never a queue of ours (all begin with <c>referral.</c>) nor an internal one: an answer there would be read as something else. The
    /// broker's own names for a client's private queue, and its direct reply-to, are the client's.
    /// </summary>
    public static bool IsAllowed(string? replyTo)
        => !string.IsNullOrEmpty(replyTo)
            && replyTo.Length <= Longest
            && !replyTo.StartsWith("referral.", StringComparison.OrdinalIgnoreCase)
            && (!replyTo.StartsWith("amq.", StringComparison.OrdinalIgnoreCase)
                || replyTo.StartsWith("amq.gen-", StringComparison.Ordinal)
                || replyTo.StartsWith("amq.rabbitmq.reply-to.", StringComparison.Ordinal));
}
