using ReferralService.Ops.Pages.Parts;

namespace ReferralService.Ops.Pages;

/// <summary>A figure that leads to its list.</summary>
/// <param name="Note">Says more: when the next one is due, what is to be done. Null: nothing.</param>
/// <param name="NoteAt">An instant behind the note.</param>
public sealed record BoardTile(Standing Standing, long Count, string Href, string? Note = null, DateTimeOffset? NoteAt = null);

/// <summary>A partner in one line.</summary>
/// <param name="Kind">ehr or recipient.</param>
/// <param name="Reachable">Whether this process's last contact worked; null before the first.</param>
/// <param name="Breaker">closed, half-open or open.</param>
public sealed record BoardPartner(string Name, string Kind, long Waiting, DateTimeOffset? OldestWaiting, bool? Reachable, string Breaker, bool Paused, bool Configured);

/// <summary>What came in one hour, by what became of it.</summary>
public sealed record BoardHour(DateTimeOffset Begin, long Delivered, long UnderWay, long Stuck, long Cancelled)
{
    public long All => Delivered + UnderWay + Stuck + Cancelled;
}

/// <summary>What is in trouble for one reason.</summary>
/// <param name="Standing">Held, failed, put off again and again, or of unknown outcome.</param>
/// <param name="Href">The list of them.</param>
public sealed record BoardTrouble(Standing Standing, string Code, long Count, string Href);

/// <param name="Status">ok, degraded or failed.</param>
public sealed record BoardCheck(string Name, string Status, string? Code, string? Detail);

/// <summary>What the board shows, as of one look at the ledger.</summary>
public sealed record BoardView
{
    public required DateTimeOffset At { get; init; }

    /// <summary>What is not at its end: under way, put off, of unknown outcome, held.</summary>
    public required IReadOnlyList<BoardTile> Open { get; init; }
    public required IReadOnlyList<BoardTile> Ended { get; init; }

    /// <summary>Open referrals by state.</summary>
    public required IReadOnlyList<(string State, long Count)> Steps { get; init; }

    /// <summary>The one that has been open longest, held ones included; null: none is open.</summary>
    public required ReferralLine? Oldest { get; init; }
    public required IReadOnlyList<BoardPartner> Partners { get; init; }

    /// <summary>The last 24, oldest first.</summary>
    public required IReadOnlyList<BoardHour> Hours { get; init; }
    public required IReadOnlyList<BoardTrouble> Troubles { get; init; }
    public required IReadOnlyList<BoardCheck> Checks { get; init; }
}
