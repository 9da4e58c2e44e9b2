using System.Collections.Concurrent;
using ReferralService.Contracts;
using ReferralService.Gathering;

namespace ReferralService.Flow;

/// <summary>Reads orders again before an attempt. That is done in a recipient's place, and an EHR that hangs must not take those.</summary>
/// <remarks>
/// As many at once of one EHR as are gathered at once of it, and each has little time. Once an EHR has not answered, nobody goes on asking it but one:
/// it has more time, so that a slow EHR is waited for, and the others' attempts are put off until it has answered. Waiting for one's turn behind our own
/// questions is no silence of the EHR's.
/// </remarks>
/// <param name="read">As <see cref="OrderReader.ReadAsync"/>.</param>
internal sealed class OrderRereading(Func<string, string, CancellationToken, Task<OrderReading>> read, FlowOptions options, TimeProvider clock) : IDisposable
{
    /// <summary>How long the EHR may take, with all its tries.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>The same for the one that asks whether the EHR answers again.</summary>
    public static readonly TimeSpan LongestTrial = TimeSpan.FromSeconds(30);

    /// <summary>How long one's turn may take: as long as the others' questions may, where no more are in flight than the settings give by themselves.</summary>
    public static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(30);

    /// <summary>How long an EHR that did not answer is left alone.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, Turns> _turns = new(StringComparer.Ordinal);

    /// <summary>As <see cref="OrderReader.ReadAsync"/>; Unreadable also where it was not waited for, or not asked for at all.</summary>
    public async Task<OrderReading> ReadAsync(string ehr, string orderId, CancellationToken cancellationToken)
    {
        var turns = _turns.GetOrAdd(ehr, _ => new Turns(options.PerEhr));
        var (trial, putOff) = turns.Admit(clock.GetUtcNow());
        if (putOff is { } until)
        {
            return Unanswered(until);
        }

        bool? answered = null;
        var entered = false;
        try
        {
            entered = await turns.EnterAsync(clock, cancellationToken);
            if (!entered || (!trial && turns.Silent(clock.GetUtcNow()) is not null))
            {
                return Unanswered(turns.Silent(clock.GetUtcNow()));
            }

            using var late = new CancellationTokenSource(trial ? LongestTrial : Longest, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
            try
            {
                var reading = await read(ehr, orderId, either.Token);
                answered = reading is not OrderReading.Unreadable { Code: ReasonCodes.EhrUnreachable };
                return reading;
            }
            catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                answered = false;
                return Unanswered(null);
            }
        }
        finally
        {
            turns.Leave(trial, entered, answered, clock.GetUtcNow());
        }
    }

    public void Dispose()
    {
        foreach (var turns in _turns.Values)
        {
            turns.Dispose();
        }
    }

    private static OrderReading.Unreadable Unanswered(TimeSpan? retryAfter) => new(ReasonCodes.EhrUnreachable, retryAfter, NeedsPerson: false);

    /// <summary>Who may ask one EHR now.</summary>
    private sealed class Turns(int most) : IDisposable
    {
        private readonly SemaphoreSlim _places = new(most, most);
        private readonly Lock _gate = new();
        private DateTimeOffset? _silentSince;
        private bool _tried;

        /// <returns>PutOff: not now, and not before so long.</returns>
        public (bool Trial, TimeSpan? PutOff) Admit(DateTimeOffset now)
        {
            lock (_gate)
            {
                if (Left(now) is { } left && (_tried || left > TimeSpan.Zero))
                {
                    return (false, left);
                }

                _tried = _silentSince is not null;
                return (_tried, null);
            }
        }

        /// <summary>For how long nobody but one asks; null: the EHR is not known to be silent.</summary>
        public TimeSpan? Silent(DateTimeOffset now)
        {
            lock (_gate)
            {
                return Left(now);
            }
        }

        /// <returns>False: the turn did not come in time.</returns>
        public async Task<bool> EnterAsync(TimeProvider clock, CancellationToken cancellationToken)
        {
            using var enough = new CancellationTokenSource(LongestTurn, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, enough.Token);
            try
            {
                await _places.WaitAsync(either.Token);
                return true;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }

        /// <param name="entered">It had a turn.</param>
        /// <param name="answered">Null: it was cut short or did not ask, which says nothing.</param>
        public void Leave(bool trial, bool entered, bool? answered, DateTimeOffset now)
        {
            lock (_gate)
            {
                _tried &= !trial;
                _silentSince = answered switch { true => null, false => now, null => _silentSince };
            }

            // Last: whoever has its turn by it sees what was found.
            if (entered)
            {
                _places.Release();
            }
        }

        private TimeSpan? Left(DateTimeOffset now) => _silentSince is not { } since ? null : _tried ? Longest : since + Rest - now;

        public void Dispose() => _places.Dispose();
    }
}
