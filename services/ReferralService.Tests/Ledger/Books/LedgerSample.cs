using ReferralService.Ledger;

namespace ReferralService.Tests.Ledger;

/// <summary>Referrals and lines for tests of the books, and the few steps most of them begin with.</summary>
internal static class LedgerSample
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>A lease that has run out when it is given: on both databases, whatever their clocks say.</summary>
    public static readonly TimeSpan NoLease = TimeSpan.FromSeconds(-1);

    public static readonly DateTimeOffset Start = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    public static readonly Uri EhrBase = new("http://ehr.example/fhir");

    public static Referral New(string order, string ehr = "main", DateTimeOffset? dueAt = null, string? recipient = null) => new()
    {
        Id = ReferralId.Create(new Uri($"http://{ehr}.example/fhir"), order, recipient),
        Ehr = ehr,
        OrderId = order,
        RecipientAsked = recipient,
        Recipient = recipient,
        State = ReferralState.Received,
        Sequence = 1,
        DueAt = dueAt ?? Start,
        CreatedAt = Start,
        UpdatedAt = Start,
    };

    public static TimelineEntry Event(Referral referral, string name) => new(
        referral.Sequence, Guid.CreateVersion7(Start), name, Start, referral.State, referral.Recipient, referral.Attempt, referral.PackageId, referral.PackageDigest, null, referral.ErrorCode, referral.DueAt, null);

    public static TimelineEntry Note(Referral referral, string code) => Event(referral, code) with { Sequence = null, EventId = null };

    /// <summary>A transition with one event.</summary>
    public static Transition Step(Referral referral, string name, Func<Referral, Referral>? change = null)
    {
        var after = (change ?? (r => r))(referral) with { Sequence = referral.Sequence + 1 };
        return new(after, [Event(after, name)]);
    }

    public static async Task<Referral> CreateAsync(ReferralBook book, Referral referral)
    {
        await book.DecideAsync(new DecisionScope.Order(referral.Ehr, referral.OrderId),
            _ => new Decision<bool>(true, [new(referral, [Event(referral, "received")])], []), CancellationToken.None);
        return (await book.FindAsync(referral.Id, CancellationToken.None))!;
    }

    public static Task<IReadOnlyList<ClaimedReferral>> ClaimAsync(ReferralBook book, int most = 100, TimeSpan? lease = null, int perEhr = 100, int perRecipient = 100)
        => book.ClaimDueAsync(new(most, lease ?? Lease, perEhr, perRecipient), CancellationToken.None);

    /// <summary>A new referral on which a step has begun.</summary>
    public static async Task<Referral> BegunAsync(ReferralBook book, string order, TimeSpan? lease = null)
    {
        var created = await CreateAsync(book, New(order));
        var claim = (await ClaimAsync(book)).Single(c => c.Id == created.Id);
        return (await book.BeginAsync(claim.Id, claim.Fence, lease ?? Lease, CancellationToken.None))!;
    }
}
