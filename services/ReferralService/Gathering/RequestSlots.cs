namespace ReferralService.Gathering;

/// <summary>
/// Bounds the requests of one gathering that are under way at once. What the referral cannot do without goes first: its searches come in the most pages,
/// each of which tells where the next is, and such a chain that waits behind everything else ends last.
/// </summary>
/// <param name="free">How many may be under way.</param>
internal sealed class RequestSlots(int free)
{
    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _mandatory = new(), _optional = new();
    private int _free = free;

    /// <summary>Ends when the caller may ask; it calls <see cref="Leave"/> when the answer is there. Within a kind first come, first served.</summary>
    /// <exception cref="OperationCanceledException">Called off while it waited: nothing is held.</exception>
    public async ValueTask EnterAsync(bool mandatory, CancellationToken cancellationToken)
    {
        TaskCompletionSource turn;
        lock (_lock)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_free > 0)
            {
                _free--;
                return;
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            (mandatory ? _mandatory : _optional).Enqueue(turn);
        }

        using var calledOff = cancellationToken.UnsafeRegister(static (turn, token) => ((TaskCompletionSource)turn!).TrySetCanceled(token), turn);
        await turn.Task;
    }

    public void Leave()
    {
        lock (_lock)
        {
            while (_mandatory.TryDequeue(out var turn) || _optional.TryDequeue(out turn))
            {
                // Who was called off meanwhile takes no slot.
                if (turn.TrySetResult()) return;
            }

            _free++;
        }
    }
}
