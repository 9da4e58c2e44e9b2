using System.Text.Json.Serialization;

namespace ReferralService.Ops.Reading;

/// <summary>One page of <c>GET /api/referrals</c>.</summary>
/// <param name="Next">Cursor of the next page; null on the last.</param>
internal sealed record ReferralPage(IReadOnlyList<ReferralSummary> Items, string? Next);

/// <summary>A referral without its timeline.</summary>
internal record ReferralSummary
{
    public required Guid Id { get; init; }
    public required string Ehr { get; init; }
    public required string ServiceRequest { get; init; }

    /// <summary>The recipient resolved, else the one asked for; null while neither is known.</summary>
    public required string? Recipient { get; init; }
    public required string State { get; init; }
    public required int Attempt { get; init; }

    /// <summary>When the service goes on by itself; null when it does not.</summary>
    public required DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>A cancel waits for the outcome of the attempt under way.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public required bool CancelPending { get; init; }
    public required PackageAnswer? Package { get; init; }
    public required ErrorAnswer? Error { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>A referral with its timeline: <c>GET /api/referrals/{id}</c>.</summary>
internal sealed record ReferralDetail : ReferralSummary
{
    /// <summary>The trace (W3C, 32 hexadecimal digits) of the notification or request that brought it: in log lines, in the events' header <c>traceparent</c>, and where spans are sent. Null before there were any.</summary>
    public required string? TraceId { get; init; }

    public required IReadOnlyList<TimelineAnswer> Timeline { get; init; }
}

internal sealed record PackageAnswer(Guid Id, int Version, string Form, string Digest, long Bytes, int Entries)
{
    /// <summary>When its bytes were deleted, its time being over.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? PurgedAt { get; init; }
}

internal sealed record ErrorAnswer(string Code, string? Message);

/// <summary>A status event (with sequence and id) or a note (without).</summary>
internal sealed record TimelineAnswer(
    int? Sequence,
    Guid? Id,
    string Event,
    DateTimeOffset At,
    string State,
    string? Recipient,
    int Attempt,
    Guid? PackageId,
    string? PackageDigest,
    int? Entries,
    string? ErrorCode,
    DateTimeOffset? NextAttemptAt,
    IReadOnlyDictionary<string, string>? Detail);
