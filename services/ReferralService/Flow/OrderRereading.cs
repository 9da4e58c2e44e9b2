using System.Collections.Concurrent;
using ReferralService.Contracts;
using ReferralService.Gathering;

namespace ReferralService.Flow;

/// <summary>Reads orders again before an attempt. That is done in a recipient's place, and an EHR that hangs must not take those.</summary>
/// <remarks>
/// As many at once of one EHR as are gathered at once of it, and each has little time. Once an EHR has not answered, nobody goes on asking it but one:
/// it has more time, so that a slow EHR is waited for, and the others' attempts are put off until it has answered.
/// </remarks>
internal sealed class OrderRereading(OrderReader orders, FlowOptions options, TimeProvider clock) : IDisposable
{
    /// <summary>How long it may take, with its turn and all its tries.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>The same for the one that asks whether the EHR answers again.</summary>
    public static readonly TimeSpan LongestTrial = TimeSpan.FromSeconds(30);

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

        using var late = new CancellationTokenSource(trial ? LongestTrial : Longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        bool? answered = null;
        try
        {
            var reading = await turns.TakeAsync(token => orders.ReadAsync(ehr, orderId, token), either.Token);
            answered = reading is not OrderReading.Unreadable { Code: ReasonCodes.EhrUnreachable };
            return reading;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            answered = false;
            return Unanswered(null);
        }
        finally
        {
            turns.Leave(trial, answered, clock.GetUtcNow());
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
                if (_silentSince is not { } since)
                {
                    return (false, null);
                }

                if (_tried || now - since < Rest)
                {
                    return (false, _tried ? Longest : since + Rest - now);
                }

                _tried = true;
                return (true, null);
            }
        }

        public async Task<OrderReading> TakeAsync(Func<CancellationToken, Task<OrderReading>> read, CancellationToken cancellationToken)
        {
            await _places.WaitAsync(cancellationToken);
            try
            {
                return await read(cancellationToken);
            }
            finally
            {
                _places.Release();
            }
        }

        /// <param name="answered">Null: it was cut short, which says nothing.</param>
        public void Leave(bool trial, bool? answered, DateTimeOffset now)
        {
            lock (_gate)
            {
                _tried &= !trial;
                _silentSince = answered switch { true => null, false => now, null => _silentSince };
            }
        }

        public void Dispose() => _places.Dispose();
    }
}
