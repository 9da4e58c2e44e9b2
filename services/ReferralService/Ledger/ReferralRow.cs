using System.Data.Common;

namespace ReferralService.Ledger;

/// <summary>A referral's row as it was read, column by column in the order of <see cref="ReferralStatements.Columns"/>.</summary>
internal static class ReferralRow
{
    public static Referral Read(DbDataReader row) => new()
    {
        Id = row.ReferralId(0),
        Ehr = row.GetString(1),
        OrderId = row.GetString(2),
        RecipientAsked = row.TextOrNull(3),
        CreatedAt = row.Instant(4),
        TraceParent = row.TextOrNull(5),
        Recipient = row.TextOrNull(6),
        RecipientGiven = row.Flag(7),
        State = row.State(8),
        ErrorCode = row.TextOrNull(9),
        ErrorMessage = row.TextOrNull(10),
        Attempt = row.GetInt32(11),
        GatherTries = row.GetInt32(12),
        Sequence = row.GetInt32(13),
        DueAt = row.InstantOrNull(14),
        LeaseUntil = row.InstantOrNull(15),
        Fence = row.GetInt64(16),
        Working = row.Flag(17),
        Crashes = row.GetInt32(18),
        GatherDeadline = row.InstantOrNull(19),
        DeliveryDeadline = row.InstantOrNull(20),
        PackageVersion = row.GetInt32(21),
        PackageId = row.UuidOrNull(22),
        PackageForm = row.FormOrNull(23),
        PackageDigest = row.TextOrNull(24),
        PackageBytes = row.GetInt64(25),
        PackageEntries = row.GetInt32(26),
        PackageChunks = row.GetInt32(27),
        PackagePurgedAt = row.InstantOrNull(28),
        TargetBase = row.TextOrNull(29),
        OrderVersion = row.TextOrNull(30),
        OutcomeUnknown = row.Flag(31),
        CancelCause = row.TextOrNull(32),
        OrderNoticed = row.TextOrNull(33),
        AttemptAt = row.InstantOrNull(34),
        AttemptBy = row.TextOrNull(35),
        StatusUrl = row.TextOrNull(36),
        ResendAnyway = row.Flag(37),
        WaitsSince = row.InstantOrNull(38),
        SetAsideFor = row.TextOrNull(39),
        UpdatedAt = row.Instant(40),
        Number = row.GetInt64(41),
        Revision = row.GetInt64(42),
    };
}
