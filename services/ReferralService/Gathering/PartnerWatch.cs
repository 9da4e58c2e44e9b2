using System.Security.Cryptography.X509Certificates;

namespace ReferralService.Gathering;

/// <summary>What is noticed of one partner where connections to it are made: how long its answers take, when its certificate ends, what its clock says.</summary>
internal sealed class PartnerWatch
{
    private const int Kept = 5;

    /// <summary>A Date header has no finer times: more of them tell nothing more.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    private readonly PartnerKind? _kind;
    private readonly PartnerContacts? _contacts;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly long[] _skews = new long[Kept];
    private int _told;
    private DateTimeOffset _toldAt = DateTimeOffset.MinValue;

    public PartnerWatch(string name, Uri baseUrl, PartnerKind kind, PartnerContacts contacts, TimeProvider clock)
        : this(name, baseUrl, kind == PartnerKind.Ehr ? "ehr" : "recipient", clock) => (_kind, _contacts) = (kind, contacts);

    private PartnerWatch(string name, Uri baseUrl, string side, TimeProvider clock) => (Name, Base, Side, _clock) = (name, baseUrl, side, clock);

    /// <summary>As configured.</summary>
    public string Name { get; }

    public Uri Base { get; }

    /// <summary>ehr, recipient or files.</summary>
    public string Side { get; }

    public TimeProvider Clock => _clock;

    /// <summary>Told of each answer; null: nobody asks for the time by it.</summary>
    public ServerClock? Its { get; init; }

    /// <summary>Of a server that only has files of an EHR's: its certificate and clock say nothing of the EHR.</summary>
    public static PartnerWatch OfFiles(string ehr, Uri origin, TimeProvider clock) => new(ehr, origin, "files", clock);

    /// <param name="good">An answer below 500.</param>
    public void Exchanged(bool good, TimeSpan took)
    {
        if (_kind is { } kind) _contacts!.Exchanged(kind, Name, good, took, _clock.GetUtcNow());
    }

    public void ShowedCertificate(X509Certificate2 certificate)
    {
        if (_kind is { } kind) _contacts!.ShowedCertificate(kind, Name, new DateTimeOffset(certificate.NotAfter), _clock.GetUtcNow());
    }

    /// <param name="theirs">A Date header: whole seconds, cut off.</param>
    public void ToldTime(DateTimeOffset theirs)
    {
        if (_kind is not { } kind) return;
        var now = _clock.GetUtcNow();
        TimeSpan median;
        lock (_gate)
        {
            if (_told > 0 && now - _toldAt < Between) return;
            _toldAt = now;
            // In the middle of the second that it names.
            _skews[_told++ % Kept] = (theirs - now).Ticks + (TimeSpan.TicksPerSecond / 2);
            Span<long> sorted = stackalloc long[Math.Min(_told, Kept)];
            _skews.AsSpan(0, sorted.Length).CopyTo(sorted);
            sorted.Sort();
            median = new TimeSpan(sorted[sorted.Length / 2]);
        }

        _contacts!.ToldTime(kind, Name, median, now);
    }
}
