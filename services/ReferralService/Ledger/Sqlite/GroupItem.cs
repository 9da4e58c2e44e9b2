namespace ReferralService.Ledger.Sqlite;

/// <summary>A piece of work queued for the writer, and the caller who waits for it.</summary>
/// <param name="durable">Whether the caller is told only when it is on disk; else when it is written, which the end of the process outlives and the loss of power may not.</param>
internal abstract class GroupItem(bool durable)
{
    public bool Durable => durable;

    /// <summary>Does the work inside the group's transaction; the caller hears nothing yet.</summary>
    public abstract Task RunAsync(LedgerSession session);

    /// <summary>The group is committed: the caller gets the result.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception exception);

    /// <summary>True, and the caller told so, when the caller gave up before the work began.</summary>
    public abstract bool GivenUp();
}

/// <inheritdoc/>
internal sealed class GroupItem<T>(Func<LedgerSession, Task<T>> work, bool durable, CancellationToken cancellationToken) : GroupItem(durable)
{
    // Callers continue on the pool: the writer goes on to the next group.
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Done => _done.Task;

    public override async Task RunAsync(LedgerSession session) => _result = await work(session);

    public override void Complete() => _done.TrySetResult(_result!);

    public override void Fail(Exception exception) => _done.TrySetException(exception);

    public override bool GivenUp() => cancellationToken.IsCancellationRequested && _done.TrySetCanceled(cancellationToken);
}
