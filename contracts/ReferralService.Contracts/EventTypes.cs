namespace ReferralService.Contracts;

/// <summary>Every <c>type</c> a <see cref="StatusEvent"/> can have. The list only grows: a reader leaves a type that it does not know alone.</summary>
public static class EventTypes
{
    /// <summary>What every type begins with; what follows is the last part of the routing key.</summary>
    public const string Prefix = "referral.";

    /// <summary>The referral exists; the first event of each.</summary>
    public const string Received = "referral.received";

    /// <summary>The record is read from the EHR; written together with <see cref="Packaged"/>.</summary>
    public const string Gathered = "referral.gathered";

    /// <summary>The package is built and kept.</summary>
    public const string Packaged = "referral.packaged";

    /// <summary>A person or a setting must act; <c>errorCode</c> says on what.</summary>
    public const string Held = "referral.held";

    /// <summary>It will be tried again at <c>nextAttemptAt</c>; the state stays.</summary>
    public const string Deferred = "referral.deferred";

    /// <summary>The recipient has the package. It has not yet accepted the referral.</summary>
    public const string Delivered = "referral.delivered";

    /// <summary>The recipient refused it, or the deadline passed; <c>errorCode</c> says which.</summary>
    public const string Failed = "referral.failed";

    public const string Cancelled = "referral.cancelled";

    /// <summary>A person sent it on its way again.</summary>
    public const string Retried = "referral.retried";

    /// <summary>The consultant takes the patient.</summary>
    public const string Accepted = "referral.accepted";

    public const string Declined = "referral.declined";
    public const string Scheduled = "referral.scheduled";

    /// <summary>The patient did not come.</summary>
    public const string NoShow = "referral.no-show";

    public const string InterimNote = "referral.interim-note";
    public const string NoteReceived = "referral.note-received";
    public const string NoteOverdue = "referral.note-overdue";
    public const string Completed = "referral.completed";
    public const string Superseded = "referral.superseded";
    public const string PatientCopyIssued = "referral.patient-copy-issued";
    public const string PatientCopyOpened = "referral.patient-copy-opened";

    /// <summary>Those that are sent today. The others are names that will mean what they say once the consultant's answers come back: wait for none of them.</summary>
    public static IReadOnlyList<string> Sent { get; } = [Received, Gathered, Packaged, Held, Deferred, Delivered, Failed, Cancelled, Retried];

    /// <summary>All of them, the reserved names too.</summary>
    public static IReadOnlyList<string> All { get; } = [.. ClosedList.Of(typeof(EventTypes)).Where(type => type != Prefix)];
}
