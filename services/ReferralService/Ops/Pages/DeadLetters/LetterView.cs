namespace ReferralService.Ops.Pages.DeadLetters;

/// <summary>A dead letter as the page shows it: nothing of its body.</summary>
public sealed record LetterView(string Key, string Reason, DateTimeOffset? At, long Bytes);

/// <summary>What is in the queues.</summary>
/// <param name="Letters">The oldest.</param>
/// <param name="Reasons">How many of those looked at have which reason.</param>
/// <param name="WakeUps">Null: there is no such queue.</param>
/// <param name="Refused">Of the newest commands those that were refused and answered, by code.</param>
/// <param name="Trouble">What stands between here and the broker, and what to do; null: nothing.</param>
public sealed record DeadLettersView(
    bool HaveBroker, int Rejected, int? WakeUps, IReadOnlyList<LetterView> Letters, IReadOnlyDictionary<string, int> Reasons, IReadOnlyDictionary<string, int> Refused, string? Trouble);
