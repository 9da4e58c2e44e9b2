using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>The steps that run in this process, however their wake-ups came: known until they end, and waited for at the stop.</summary>
internal sealed class LocalSteps(StepRunner runner)
{
    private readonly HashSet<Task> _running = [];

    /// <summary>Under way, or waiting for their place.</summary>
    public int Count
    {
        get
        {
            lock (_running)
            {
                return _running.Count;
            }
        }
    }

    /// <summary>Runs it as soon as there is a place.</summary>
    public void Start(ClaimedReferral claimed) => Know(Task.Run(() => runner.RunAsync(claimed.Id, claimed.Fence, claimed.Crashes), CancellationToken.None));

    /// <summary>Takes a wake-up over from the bus, which may then forget it: the step goes on for as long as it needs, the broker's patience does not. Never throws.</summary>
    /// <remarks>With no place free the claim is given back within a second, so that a replica that has one takes it.</remarks>
    public async Task TakeAsync(ReferralId id, long fence)
    {
        if (await runner.TryBeginAsync(id, fence) is { } step)
        {
            Know(step);
        }
    }

    /// <summary>Completes when no step runs here any more.</summary>
    public Task DrainAsync()
    {
        lock (_running)
        {
            return Task.WhenAll(_running);
        }
    }

    private void Know(Task step)
    {
        lock (_running)
        {
            _running.Add(step);
        }

        step.ContinueWith(
            done =>
            {
                lock (_running)
                {
                    _running.Remove(done);
                }
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
