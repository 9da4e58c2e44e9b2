using System.Text.Json;

namespace ReferralService.Ledger;

/// <summary>Rows and lines as values of statements.</summary>
internal static class ReferralWriting
{
    /// <summary>The row as it will be read back.</summary>
    public static Referral AsStored(Referral row) => row with
    {
        DueAt = row.DueAt.AsStored(),
        LeaseUntil = row.LeaseUntil.AsStored(),
        GatherDeadline = row.GatherDeadline.AsStored(),
        DeliveryDeadline = row.DeliveryDeadline.AsStored(),
        AttemptAt = row.AttemptAt.AsStored(),
        WaitsSince = row.WaitsSince.AsStored(),
        PackagePurgedAt = row.PackagePurgedAt.AsStored(),
        CreatedAt = row.CreatedAt.AsStored(),
        UpdatedAt = row.UpdatedAt.AsStored(),
    };

    public static Values ForInsert(Referral row, Awaiting awaiting) => ReferralColumns.AddTo(
        new Values(44).Add("id", row.Id).Add("ehr", row.Ehr).Add("order_id", row.OrderId).Add("recipient_asked", row.RecipientAsked)
            .Add("created_at", row.CreatedAt).Add("trace_parent", row.TraceParent), row)
        .Add("lease_until", row.LeaseUntil).Add("awaited_for", awaiting.For).Add("awaited_since", awaiting.Since);

    public static Values ForChange(Referral row, long revision, Awaiting awaiting)
        => awaiting.AddTo(ReferralColumns.AddTo(new Values(44).Add("id", row.Id).Add("revision", revision), row).Add("lease_until", row.LeaseUntil));

    public static Values ForAdvance(Referral row, Referral known, TimeSpan? lease, Awaiting awaiting)
        => awaiting.AddTo(ReferralColumns.AddTo(new Values(48).Add("id", row.Id).Add("revision", known.Revision).Add("known_fence", known.Fence), row).Add("lease", lease));

    /// <param name="columns">What is written of the row; the set of the statement.</param>
    /// <param name="guarded">Whether the fence must be as it is known.</param>
    public static Values ForChangeOf(Referral row, Referral known, ulong columns, Awaiting awaiting, bool guarded)
    {
        var values = new Values(24).Add("number", known.Number).Add("revision", known.Revision).Add("lease_until", row.LeaseUntil);
        ReferralColumns.AddTo(guarded ? values.Add("known_fence", known.Fence) : values, row, columns);
        return awaiting.IsSame ? values : awaiting.AddTo(values);
    }

    public static Values ForLine(long referral, long revision, int position, TimelineEntry line) => new Values(16)
        .Add("referral", referral).Add("revision", revision).Add("position", (int?)position).Add("sequence", line.Sequence).Add("event_id", line.EventId)
        .Add("event", line.Event).Add("at", line.At).Add("state", line.State.Name()).Add("recipient", line.Recipient).Add("attempt", (int?)line.Attempt)
        .Add("package_id", line.PackageId).Add("package_digest", line.PackageDigest).Add("entries", line.Entries).Add("error_code", line.ErrorCode)
        .Add("next_attempt_at", line.NextAttemptAt).Add("detail", Detail(line));

    public static Values ForQueue(long referral, long revision, int position, int sequence) => new Values()
        .Add("referral", referral).Add("sequence", (int?)sequence).Add("revision", revision).Add("position", (int?)position);

    public static Values ForWebhook(WebhookLine told, long referral, long revision) => new Values()
        .Add("webhook", told.Webhook).Add("referral", referral).Add("sequence", (int?)told.Sequence).Add("revision", revision).Add("position", (int?)told.Position);

    /// <summary>Which events which webhooks are to be told, as one JSON value.</summary>
    public static string ToldAsJson(IReadOnlyList<WebhookLine> told) => JsonSerializer.Serialize(told.Select(line => new Dictionary<string, object?>
    {
        ["webhook"] = line.Webhook,
        ["position"] = line.Position,
        ["sequence"] = line.Sequence,
    }));

    /// <summary>The lines as one JSON value, for a statement that writes them together with their row.</summary>
    public static string LinesAsJson(IReadOnlyList<TimelineEntry> lines) => JsonSerializer.Serialize(lines.Select((line, position) => new Dictionary<string, object?>
    {
        ["position"] = position,
        ["sequence"] = line.Sequence,
        ["event_id"] = line.EventId,
        ["event"] = line.Event,
        ["at"] = Instants.ToMicroseconds(line.At),
        ["state"] = line.State.Name(),
        ["recipient"] = line.Recipient,
        ["attempt"] = line.Attempt,
        ["package_id"] = line.PackageId,
        ["package_digest"] = line.PackageDigest,
        ["entries"] = line.Entries,
        ["error_code"] = line.ErrorCode,
        ["next_attempt_at"] = line.NextAttemptAt is { } next ? Instants.ToMicroseconds(next) : null,
        ["detail"] = Detail(line),
    }));

    private static string? Detail(TimelineEntry line) => line.Detail is null ? null : JsonSerializer.Serialize(line.Detail);
}
