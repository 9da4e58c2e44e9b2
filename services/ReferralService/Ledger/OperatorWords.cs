using System.Buffers;
using System.Collections.Frozen;
using ReferralService.Contracts;

namespace ReferralService.Ledger;

/// <summary>What may stand in the record of what was done by hand, whoever writes it: closed lists, names and short references; no text that somebody made up on the way.</summary>
internal static class OperatorWords
{
    /// <summary>Why somebody was shown what is a patient's.</summary>
    public const string TreatmentQuestion = "treatment-question";
    public const string DeliveryProblem = "delivery-problem";
    public const string PatientRequest = "patient-request";
    public const string QualityReview = "quality-review";

    /// <summary>The ticket says why.</summary>
    public const string OtherWithTicket = "other-with-ticket";

    /// <summary>Of dead letters that came with no reason of ours.</summary>
    public const string NoReason = "no-reason";

    private const int LongestTicket = 40;
    private const int LongestName = 256;
    private const int LongestPartner = 160;
    private const int LongestWord = 40;

    private static readonly FrozenSet<string> Codes = ReasonCodes.All.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Reasons = Codes.Union([TreatmentQuestion, DeliveryProblem, PatientRequest, QualityReview, OtherWithTicket, NoReason]).ToFrozenSet(StringComparer.Ordinal);

    private static readonly SearchValues<char> InTickets = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/-");

    /// <summary>1 to 40 of <c>A-Z a-z 0-9 . _ / -</c>.</summary>
    public static bool IsTicket(string text) => text.Length is > 0 and <= LongestTicket && !text.AsSpan().ContainsAnyExcept(InTickets);

    /// <exception cref="ArgumentException">Names the member; never its value.</exception>
    public static void Check(OperatorAction act)
    {
        Refuse(IsName(act.Actor, LongestName), nameof(act.Actor));
        Refuse(IsName(act.Role, LongestWord), nameof(act.Role));
        Refuse(IsName(act.Action, LongestWord), nameof(act.Action));
        Refuse(act.Partner is null || IsName(act.Partner, LongestPartner), nameof(act.Partner));
        Refuse(act.Reason is null || Reasons.Contains(act.Reason), nameof(act.Reason));
        Refuse(act.Ticket is null || IsTicket(act.Ticket), nameof(act.Ticket));
        Refuse(act.Outcome == OperatorAction.Done || Codes.Contains(act.Outcome), nameof(act.Outcome));
    }

    private static bool IsName(string text, int longest) => text.Length > 0 && text.Length <= longest && !text.Any(char.IsControl);

    private static void Refuse(bool good, string member)
    {
        if (!good) throw new ArgumentException("This is none of the words, names and references that may be recorded.", member);
    }
}
