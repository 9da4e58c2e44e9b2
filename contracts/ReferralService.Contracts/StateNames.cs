namespace ReferralService.Contracts;

/// <summary>The states of a referral. There are no others; why a referral is in one of them is told by a code of <see cref="ReasonCodes"/>.</summary>
public static class StateNames
{
    public const string Received = "received";
    public const string Gathering = "gathering";
    public const string Packaged = "packaged";
    public const string Delivering = "delivering";

    /// <summary>The recipient's server stored the package (HTTP 2xx). Whether the consultant takes the patient is <see cref="Accepted"/>.</summary>
    public const string Delivered = "delivered";

    public const string Accepted = "accepted";
    public const string Declined = "declined";
    public const string Scheduled = "scheduled";
    public const string NoteReceived = "note-received";
    public const string Completed = "completed";

    /// <summary>Nobody refused it; a person or a setting must act.</summary>
    public const string Held = "held";

    /// <summary>Refused with 400 or 422, or the deadline passed with a definite last outcome.</summary>
    public const string Failed = "failed";

    public const string Cancelled = "cancelled";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [.. ClosedList.Of(typeof(StateNames))];
}
