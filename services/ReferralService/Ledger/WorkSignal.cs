namespace ReferralService.Ledger;

/// <summary>Tells who waits for it that there is something to do now. Only a hint: every loop also looks by itself.</summary>
internal sealed class WorkSignal
{
    private TaskCompletionSource _signal = New();

    /// <summary>Wakes everyone who waits.</summary>
    public void Set() => Interlocked.Exchange(ref _signal, New()).TrySetResult();

    /// <summary>A signal from now on. Take it before looking for work, await it after finding none.</summary>
    public Task Next => Volatile.Read(ref _signal).Task;

    /// <summary>Completes at the signal taken before, or after <paramref name="longest"/>.</summary>
    public static async Task WaitAsync(Task next, TimeSpan longest, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (next.IsCompleted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(next, Task.Delay(longest, clock, stop.Token));
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
