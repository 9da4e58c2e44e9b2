using System.Text.RegularExpressions;

namespace ReferralService.Ops.Acts;

/// <summary>Why somebody looks at what is a patient's: asked for each time, and kept with who it was.</summary>
/// <param name="Ticket">The caller's own reference; null where none was given.</param>
internal sealed record RevealReason(string Reason, string? Ticket);

internal static partial class RevealReasons
{
    private const string WithTicket = "other-with-ticket";

    /// <summary>The closed list, with the words for it.</summary>
    public static readonly IReadOnlyList<KeyValuePair<string, string>> All =
    [
        new("treatment-question", "A question about the treatment"),
        new("delivery-problem", "A problem with the delivery"),
        new("patient-request", "The patient asks"),
        new("quality-review", "A review of quality"),
        new(WithTicket, "Another, with a ticket"),
    ];

    /// <returns>The reason, or null and what is wrong.</returns>
    public static (RevealReason? Reason, string? Fault) Read(IFormCollection form)
    {
        var (reason, ticket) = (form["reason"].ToString(), form["ticket"].ToString().Trim());
        return !All.Any(one => one.Key == reason) ? (null, "Say what you need it for.")
            : ticket.Length > 0 && !Ticket().IsMatch(ticket) ? (null, "A ticket has 1 to 40 letters, digits and . _ / -.")
            : ticket.Length == 0 && reason == WithTicket ? (null, "Another reason needs the ticket that says it.")
            : (new(reason, ticket.Length == 0 ? null : ticket), null);
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._/-]{1,40}\z")]
    private static partial Regex Ticket();
}
