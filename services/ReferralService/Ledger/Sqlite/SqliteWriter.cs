using System.Threading.Channels;

namespace ReferralService.Ledger.Sqlite;

/// <summary>The one writer: takes what is queued, commits it as one group, then tells the callers (group commit: one sync to disk serves many).</summary>
/// <remarks>
/// Each item stands in a savepoint, so that a fault of one undoes that one alone. A failure of the database (busy, full, I/O)
/// undoes the group and tells every caller; nothing is ever half written.
/// </remarks>
internal sealed partial class SqliteWriter : IAsyncDisposable
{
    /// <summary>Items in one group: bounds how long a caller waits behind others and how much the write-ahead log grows at once.</summary>
    public const int GroupSize = 128;

    private const int QueueSize = 4096;

    private readonly Func<SqliteSession> _open;
    private readonly Action _lostWrites;
    private readonly ILogger _log;
    private readonly Channel<GroupItem> _queue = Channel.CreateBounded<GroupItem>(new BoundedChannelOptions(QueueSize) { SingleReader = true });
    private readonly Task _run;
    private SqliteSession? _session;

    /// <param name="lostWrites">A sync failed: nobody may be told anything any more, and the process ends.</param>
    public SqliteWriter(SqliteSession session, Func<SqliteSession> open, Action lostWrites, ILogger log)
    {
        (_session, _open, _lostWrites, _log) = (session, open, lostWrites, log);
        _run = Task.Run(RunAsync, CancellationToken.None);
    }

    public async Task<T> WriteAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken)
    {
        var item = new GroupItem<T>(work, cancellationToken);
        try
        {
            await _queue.Writer.WriteAsync(item, cancellationToken);
        }
        catch (ChannelClosedException exception)
        {
            throw new LedgerUnavailableException("ledger-unreachable", exception);
        }

        return await item.Done;
    }

    /// <summary>Commits what is queued, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _run;
        _session?.Dispose();
    }

    private async Task RunAsync()
    {
        var group = new List<GroupItem>(GroupSize);
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (group.Count < GroupSize && _queue.Reader.TryRead(out var item))
            {
                if (!item.GivenUp())
                {
                    group.Add(item);
                }
            }

            await CommitAsync(group);
            group.Clear();
        }
    }

    private async Task CommitAsync(List<GroupItem> group)
    {
        if (group.Count == 0)
        {
            return;
        }

        var committed = new List<GroupItem>(group.Count);
        try
        {
            _session ??= _open();
            _session.Run("BEGIN IMMEDIATE");
            foreach (var item in group)
            {
                if (await RunInSavepointAsync(_session, item))
                {
                    committed.Add(item);
                }
            }

            FaultPoint.Hit("D01");
            FaultPoint.Hit("D02");
            _session.Run("COMMIT");
        }
        catch (Exception exception)
        {
            Abandon(group, exception);
            return;
        }

        committed.ForEach(item => item.Complete());
    }

    /// <returns>False: the item failed by its own fault, is undone and its caller told.</returns>
    private static async Task<bool> RunInSavepointAsync(SqliteSession session, GroupItem item)
    {
        session.Run("SAVEPOINT item");
        try
        {
            await item.RunAsync(session);
        }
        catch (Exception exception) when (!SqliteFaults.IsOfTheDatabase(exception) && session.InTransaction)
        {
            session.Run("ROLLBACK TO item");
            session.Run("RELEASE item");
            item.Fail(exception);
            return false;
        }

        session.Run("RELEASE item");
        return true;
    }

    private void Abandon(List<GroupItem> group, Exception exception)
    {
        Log.GroupAbandoned(_log, exception.GetType().Name, (exception as Microsoft.Data.Sqlite.SqliteException)?.SqliteExtendedErrorCode ?? 0, group.Count);
        if (SqliteFaults.MeansLostWrites(exception))
        {
            _lostWrites();
        }

        try
        {
            if (_session is { InTransaction: true } session)
            {
                session.Run("ROLLBACK");
            }
        }
        catch (Microsoft.Data.Sqlite.SqliteException)
        {
            // The connection cannot even undo: closing it does.
            Reopen();
        }

        if (SqliteFaults.SpoilsConnection(exception))
        {
            Reopen();
        }

        var answer = SqliteFaults.ForCaller(exception);
        group.ForEach(item => item.Fail(answer));
    }

    private void Reopen()
    {
        _session?.Dispose();
        _session = null;
    }

    private static partial class Log
    {
        [LoggerMessage(6001, LogLevel.Error, "The ledger could not commit a group of writes (count {Items}, {Exception}, SQLite result {Result}); nothing of it was written")]
        public static partial void GroupAbandoned(ILogger logger, string exception, int result, int items);
    }
}
