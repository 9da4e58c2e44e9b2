using ReferralService.Contracts;
using ReferralService.Ledger;
using ReferralService.Ops.Health;
using ReferralService.Ops.Pages.Parts;

namespace ReferralService.Ops.Pages;

/// <summary><c>/</c>: how the work stands.</summary>
internal sealed class BoardPages(BoardLook look, Readiness readiness)
{
    public async Task<IResult> ShowAsync(HttpContext context)
    {
        var sight = await look.SeeAsync(context.RequestAborted);
        var health = await readiness.CheckAsync(context.RequestAborted);
        return Page.Of<Board>(nameof(Board.View), View(sight, health));
    }

    internal static BoardView View(BoardSight sight, HealthReport health) => new()
    {
        At = sight.At,
        Open = Open(sight),
        Ended =
        [
            Rest(sight, Standing.Delivered, ReferralState.Delivered, "the recipient has it"),
            Rest(sight, Standing.Failed, ReferralState.Failed, "refused, or out of time"),
            Rest(sight, Standing.Cancelled, ReferralState.Cancelled, "by hand, or revoked at the EHR"),
        ],
        Steps =
        [
            .. ((ReferralState[])[ReferralState.Received, ReferralState.Gathering, ReferralState.Packaged, ReferralState.Delivering])
                .Select(state => (state.Name(), sight.Standings.Where(s => s.State == state).Sum(s => s.Count))),
        ],
        Oldest = sight.Oldest is { } oldest ? ReferralLine.Of(oldest, sight.Paused) : null,
        Partners =
        [
            .. sight.Partners.Select(partner => new BoardPartner(
                partner.Name, partner.Kind, sight.Lanes.FirstOrDefault(lane => lane.Partner == $"{partner.Kind}:{partner.Name}")?.Waiting ?? 0,
                partner.OldestWaiting, partner.Reachable, partner.Breaker, partner.Paused, partner.Configured)),
        ],
        Hours = [.. Enumerable.Range(0, 24).Select(back => Hour(sight, back))],
        Troubles = [.. sight.Troubles.Select(Trouble)],
        Checks = [.. health.Checks.Select(check => new BoardCheck(check.Name, check.Status, check.Code, check.Detail))],
    };

    private static IReadOnlyList<BoardTile> Open(BoardSight sight)
    {
        var putOff = sight.Standings.Where(s => s.Standing == "put-off").ToList();
        return
        [
            new(Standing.UnderWay, sight.Standings.Where(s => s.Standing is "going" or "working").Sum(s => s.Count), "/referrals?standing=under-way", "being worked on, or waiting their turn"),
            putOff is []
                ? new(Standing.PutOff, 0, "/referrals?standing=put-off", "tried again by itself")
                : new(Standing.PutOff, putOff.Sum(s => s.Count), "/referrals?standing=put-off", "next try", putOff.Min(s => s.Next)),
            new(Standing.Unknown, sight.Standings.Where(s => s.Standing == "unknown").Sum(s => s.Count), "/referrals?standing=unknown", "asked about before anything is sent"),
            Rest(sight, Standing.Held, ReferralState.Held, "a person or a setting must act"),
        ];
    }

    /// <summary>A list by its state where that is all there is to it; what is late only as the problems have it, where the second try is left out.</summary>
    private static BoardTrouble Trouble(TroubleCount trouble) => trouble.State switch
    {
        ReferralState.Held => new(Standing.Held, trouble.Code, trouble.Count, $"/referrals?state=held&code={trouble.Code}"),
        ReferralState.Failed => new(Standing.Failed, trouble.Code, trouble.Count, $"/referrals?state=failed&code={trouble.Code}"),
        _ => new(trouble.Code == ReasonCodes.OutcomeUnknown ? Standing.Unknown : Standing.PutOff, trouble.Code, trouble.Count, "/problems"),
    };

    private static BoardTile Rest(BoardSight sight, Standing standing, ReferralState state, string note)
        => new(standing, sight.Standings.Where(s => s.State == state).Sum(s => s.Count), $"/referrals?state={state.Name()}", note);

    private static BoardHour Hour(BoardSight sight, int index)
    {
        var begin = new DateTimeOffset(sight.At.Year, sight.At.Month, sight.At.Day, sight.At.Hour, 0, 0, TimeSpan.Zero).AddHours(index - 23);
        var came = sight.Hours.Where(hour => hour.Hour == begin).ToList();
        return new(
            begin,
            Sum(state => state == ReferralState.Delivered),
            Sum(state => !state.IsResting()),
            Sum(state => state is ReferralState.Held or ReferralState.Failed),
            Sum(state => state == ReferralState.Cancelled));

        long Sum(Func<ReferralState, bool> fits) => came.Where(hour => fits(hour.State)).Sum(hour => hour.Count);
    }
}
