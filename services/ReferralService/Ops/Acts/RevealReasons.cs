using ReferralService.Ledger;

namespace ReferralService.Ops.Acts;

/// <summary>Why somebody looks at what is a patient's: asked for each time, and kept with who it was.</summary>
/// <param name="Ticket">The caller's own reference; null where none was given.</param>
internal sealed record RevealReason(string Reason, string? Ticket);

internal static class RevealReasons
{
    /// <summary>The closed list, with the words for it.</summary>
    public static readonly IReadOnlyList<KeyValuePair<string, string>> All =
    [
        new(OperatorWords.TreatmentQuestion, "A question about the treatment"),
        new(OperatorWords.DeliveryProblem, "A problem with the delivery"),
        new(OperatorWords.PatientRequest, "The patient asks"),
        new(OperatorWords.QualityReview, "A review of quality"),
        new(OperatorWords.OtherWithTicket, "Another, with a ticket"),
    ];

    /// <returns>The reason, or null and what is wrong.</returns>
    public static (RevealReason? Reason, string? Fault) Read(IFormCollection form)
    {
        var (reason, ticket) = (form["reason"].ToString(), form["ticket"].ToString().Trim());
        return !All.Any(one => one.Key == reason) ? (null, "Say what you need it for.")
            : ticket.Length > 0 && !OperatorWords.IsTicket(ticket) ? (null, "A ticket has 1 to 40 letters, digits and . _ / -.")
            : ticket.Length == 0 && reason == OperatorWords.OtherWithTicket ? (null, "Another reason needs the ticket that says it.")
            : (new(reason, ticket.Length == 0 ? null : ticket), null);
    }
}
