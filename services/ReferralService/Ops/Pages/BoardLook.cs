using System.Collections.Immutable;
using ReferralService.Ledger;
using ReferralService.Ops.Reading;

namespace ReferralService.Ops.Pages;

/// <summary>What one look at the ledger saw for the board.</summary>
internal sealed record BoardSight(
    DateTimeOffset At, ImmutableArray<StandingCount> Standings, IReadOnlyList<LaneCount> Lanes, IReadOnlyList<HourCount> Hours, IReadOnlyList<TroubleCount> Troubles,
    Referral? Oldest, IReadOnlyList<PartnerAnswer> Partners, IReadOnlyDictionary<string, DateTimeOffset> Paused);

/// <summary>Looks at the ledger for the board, for everybody who watches: a look serves two seconds, and twenty times as long as it took, so that boards cost a twentieth of one core at most.</summary>
internal sealed class BoardLook(BoardBook board, ReferralBook book, PartnerReads partners, PartnerPauses pauses, TimeProvider clock) : IDisposable
{
    public static readonly TimeSpan Kept = TimeSpan.FromSeconds(2);

    private const int Share = 20;

    private readonly SemaphoreSlim _one = new(1);
    private BoardSight? _sight;
    private long _until;

    public async Task<BoardSight> SeeAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var began = clock.GetTimestamp();
            if (_sight is null || began >= _until)
            {
                _sight = await LookAsync(cancellationToken);
                var took = clock.GetTimestamp() - began;
                _until = began + took + Math.Max((long)(Kept.TotalSeconds * clock.TimestampFrequency), took * Share);
            }

            return _sight;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<BoardSight> LookAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var thisHour = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero);
        var standings = await board.StandingsAsync(cancellationToken);
        var first = standings.Where(s => s.State is not (ReferralState.Delivered or ReferralState.Failed or ReferralState.Cancelled)).Select(s => s.Oldest).DefaultIfEmpty(0).Min();
        var oldest = first == 0 ? [] : await book.ListAsync(new ReferralQuery { Before = first + 1, Limit = 1 }, cancellationToken);
        return new(
            now, standings, await board.LanesAsync(cancellationToken), await board.HoursAsync(thisHour.AddHours(-23), cancellationToken), await board.TroublesAsync(cancellationToken),
            oldest is [var row] ? row : null, await partners.AllAsync(cancellationToken),
            await pauses.AllAsync(cancellationToken));
    }
}
