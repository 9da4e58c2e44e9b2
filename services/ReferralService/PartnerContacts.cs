using System.Collections.Concurrent;

namespace ReferralService;

/// <summary>Which side of the walk a partner is on.</summary>
internal enum PartnerKind { Ehr, Recipient }

/// <summary>State of a partner's circuit breaker, as its HTTP pipeline tells it.</summary>
internal enum BreakerState { Closed, HalfOpen, Open }

/// <summary>What this process knows of its contact with one partner.</summary>
/// <param name="LastSuccess">Last answer that was of use (2xx, or a 4xx that the partner decided on); null before the first.</param>
/// <param name="LastFailure">Last time it could not be reached or did not work (no connection, TLS, timeout, 5xx); null before the first.</param>
internal sealed record PartnerContact(DateTimeOffset? LastSuccess, DateTimeOffset? LastFailure, BreakerState Breaker)
{
    /// <summary>NotAfter of the certificate that it showed last, trusted or not; null where it speaks without TLS, and before the first handshake.</summary>
    public DateTimeOffset? CertificateEnds { get; init; }

    /// <summary>When that was shown.</summary>
    public DateTimeOffset? CertificateSeen { get; init; }

    /// <summary>Its clock less ours: the median of its last five Date headers, half a second more or less; null before the first.</summary>
    public TimeSpan? ClockSkew { get; init; }

    /// <summary>When it told the last of them.</summary>
    public DateTimeOffset? ClockSeen { get; init; }

    /// <summary>Whether the last contact worked; null before the first.</summary>
    public bool? Reachable => (LastSuccess, LastFailure) switch
    {
        (null, null) => null,
        (null, _) => false,
        (_, null) => true,
        _ => LastSuccess >= LastFailure,
    };
}

/// <summary>Written where HTTP is made (Gathering, RecipientDirectory, Delivery), read by Ops: how each partner answered this process last. In memory only; each replica has its own.</summary>
internal sealed class PartnerContacts
{
    private static readonly PartnerContact Never = new(null, null, BreakerState.Closed);
    private readonly ConcurrentDictionary<(PartnerKind Kind, string Name), PartnerContact> _contacts = new();
    private readonly ConcurrentDictionary<(PartnerKind Kind, string Name), PartnerMinutes> _minutes = new();

    /// <param name="name">The partner's name in the configuration.</param>
    public void Succeeded(PartnerKind kind, string name, DateTimeOffset at) => Change(kind, name, at, static (contact, at) => contact with { LastSuccess = at });

    public void Failed(PartnerKind kind, string name, DateTimeOffset at) => Change(kind, name, at, static (contact, at) => contact with { LastFailure = at });

    public void Breaker(PartnerKind kind, string name, BreakerState state) => Change(kind, name, state, static (contact, state) => contact with { Breaker = state });

    public void ShowedCertificate(PartnerKind kind, string name, DateTimeOffset ends, DateTimeOffset at)
        => Change(kind, name, (Ends: ends, At: at), static (contact, shown) => contact with { CertificateEnds = shown.Ends, CertificateSeen = shown.At });

    public void ToldTime(PartnerKind kind, string name, TimeSpan skew, DateTimeOffset at) => Change(kind, name, (Skew: skew, At: at), static (contact, told) => contact with { ClockSkew = told.Skew, ClockSeen = told.At });

    /// <param name="good">An answer below 500.</param>
    /// <param name="took">To its head.</param>
    public void Exchanged(PartnerKind kind, string name, bool good, TimeSpan took, DateTimeOffset at) => _minutes.GetOrAdd((kind, name), static _ => new()).Add(good, took, at);

    /// <summary>The last hour, minute by minute; empty before the first exchange.</summary>
    public IReadOnlyList<PartnerMinute> LastHour(PartnerKind kind, string name, DateTimeOffset now)
        => _minutes.TryGetValue((kind, name), out var minutes) ? minutes.LastHour(now) : [];

    public PartnerContact Of(PartnerKind kind, string name) => _contacts.GetValueOrDefault((kind, name), Never);

    private void Change<T>(PartnerKind kind, string name, T value, Func<PartnerContact, T, PartnerContact> change)
        => _contacts.AddOrUpdate(
            (kind, name), static (_, told) => told.Change(Never, told.Value), static (_, contact, told) => told.Change(contact, told.Value), (Value: value, Change: change));
}
