namespace ReferralService.Ledger.Sqlite;

/// <summary>A piece of work queued for the writer, and the caller who waits for it.</summary>
internal abstract class GroupItem
{
    /// <summary>Does the work inside the group's transaction; the caller hears nothing yet.</summary>
    public abstract Task RunAsync(LedgerSession session);

    /// <summary>The group is durable: the caller gets the result.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception exception);

    /// <summary>True, and the caller told so, when the caller gave up before the work began.</summary>
    public abstract bool GivenUp();
}

/// <inheritdoc/>
internal sealed class GroupItem<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken) : GroupItem
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
