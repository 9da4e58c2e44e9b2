using ReferralService.Ledger;

namespace ReferralService.Ops.Pages.Live;

/// <summary>Tells whoever listens that something has moved in the ledger: one look for all of them, every two seconds and no oftener than a twentieth of the time allows, and none while nobody listens.</summary>
internal sealed partial class LiveLook(BoardBook board, TimeProvider clock, ILogger<LiveLook> log) : BackgroundService
{
    private const int Share = 20;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wanted = new(0, 1);
    private TaskCompletionSource<string> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _listeners;

    public static TimeSpan Every { get; } = TimeSpan.FromSeconds(2);

    /// <summary>Completes with the new mark when the ledger has moved. Looking goes on as long as what is returned is not disposed.</summary>
    public IDisposable Listen(out Func<Task<string>> next)
    {
        next = () =>
        {
            lock (_gate)
            {
                return _next.Task;
            }
        };
        lock (_gate)
        {
            if (++_listeners == 1 && _wanted.CurrentCount == 0)
            {
                _wanted.Release();
            }
        }

        return new Leaving(this);
    }

    public override void Dispose()
    {
        _wanted.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string? last = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            if (!Wanted)
            {
                last = null;
                await _wanted.WaitAsync(stoppingToken);
                continue;
            }

            var began = clock.GetTimestamp();
            try
            {
                var mark = await board.MarkAsync(stoppingToken);
                if (last is not null && last != mark)
                {
                    Tell(mark);
                }

                last = mark;
            }
            catch (LedgerUnavailableException away)
            {
                Log.Away(log, away.Code);
            }
            catch (Exception fault) when (fault is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // What only tells pages to be drawn anew must not take the process with it.
                Log.Failed(log, fault.GetType().Name, fault.StackTrace);
            }

            var took = clock.GetElapsedTime(began) * Share;
            await Task.Delay(took > Every ? took : Every, clock, stoppingToken);
        }
    }

    private bool Wanted
    {
        get
        {
            lock (_gate)
            {
                return _listeners > 0;
            }
        }
    }

    private void Tell(string mark)
    {
        TaskCompletionSource<string> told;
        lock (_gate)
        {
            told = _next;
            _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        told.SetResult(mark);
    }

    private sealed class Leaving(LiveLook look) : IDisposable
    {
        private bool _left;

        public void Dispose()
        {
            lock (look._gate)
            {
                if (!_left)
                {
                    (_left, look._listeners) = (true, look._listeners - 1);
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(9304, LogLevel.Debug, "The live pages could not look at the ledger: {Code}")]
        public static partial void Away(ILogger log, string code);

        [LoggerMessage(9305, LogLevel.Error, "A look for the live pages failed with {ExceptionType}; the next one follows.\n{StackTrace}")]
        public static partial void Failed(ILogger log, string exceptionType, string? stackTrace);
    }
}
