using System.Collections.Immutable;
using ReferralService.Ledger;

namespace ReferralService.Ops.Reading;

/// <summary>From the ledger's rows to what the API shows of them.</summary>
internal static class ReferralShape
{
    public static ReferralSummary Summary(Referral row) => new()
    {
        Id = row.Id.Value,
        Ehr = row.Ehr,
        ServiceRequest = $"ServiceRequest/{row.OrderId}",
        Recipient = row.Recipient ?? row.RecipientAsked,
        State = row.State.Name(),
        Attempt = row.Attempt,
        NextAttemptAt = NextAttempt(row),
        CancelPending = CancelPending(row),
        Package = Package(row),
        Error = Error(row),
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
    };

    public static ReferralDetail Detail(Referral row, ImmutableArray<TimelineEntry> timeline) => new()
    {
        Id = row.Id.Value,
        Ehr = row.Ehr,
        ServiceRequest = $"ServiceRequest/{row.OrderId}",
        Recipient = row.Recipient ?? row.RecipientAsked,
        State = row.State.Name(),
        Attempt = row.Attempt,
        NextAttemptAt = NextAttempt(row),
        CancelPending = CancelPending(row),
        Package = Package(row),
        Error = Error(row),
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
        TraceId = Spans.TraceId(row.TraceParent),
        Timeline = [.. timeline.Select(Line)],
    };

    private static DateTimeOffset? NextAttempt(Referral row) => row.State.IsResting() ? null : row.DueAt;

    private static bool CancelPending(Referral row) => row.CancelCause is not null && !row.State.IsResting();

    private static PackageAnswer? Package(Referral row)
        => row is { PackageId: { } id, PackageForm: { } form, PackageDigest: { } digest }
            ? new(id, row.PackageVersion, form.ToString(), digest, row.PackageBytes, row.PackageEntries) { PurgedAt = row.PackagePurgedAt }
            : null;

    private static ErrorAnswer? Error(Referral row) => row.ErrorCode is { } code ? new(code, row.ErrorMessage) : null;

    private static TimelineAnswer Line(TimelineEntry entry) => new(
        entry.Sequence,
        entry.EventId,
        entry.Event,
        entry.At,
        entry.State.Name(),
        entry.Recipient,
        entry.Attempt,
        entry.PackageId,
        entry.PackageDigest,
        entry.Entries,
        entry.ErrorCode,
        entry.NextAttemptAt,
        entry.Detail);
}
