using System.Threading.Channels;

namespace ReferralService.Ledger.Sqlite;

/// <summary>The one writer: takes what is queued, commits it as one group, then tells the callers (group commit: one sync to disk serves many).</summary>
/// <remarks>
/// A fault of one item undoes that one alone: where it had written already, the group is undone and run again with each item in a savepoint (work may run
/// again, see <see cref="LedgerDatabase"/>). A failure of the database (busy, full, I/O) undoes the group and tells every caller; nothing is ever half written.
/// A group of what is written ahead alone (<see cref="LedgerDatabase.WriteAheadAsync"/>) is not synced; the next that is, syncs it too.
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
    private bool _synced = true;

    /// <param name="lostWrites">A sync failed: nobody may be told anything any more, and the process ends.</param>
    public SqliteWriter(SqliteSession session, Func<SqliteSession> open, Action lostWrites, ILogger log)
    {
        (_session, _open, _lostWrites, _log) = (session, open, lostWrites, log);
        _run = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <param name="durable">As in <see cref="GroupItem"/>.</param>
    public async Task<T> WriteAsync<T>(Func<LedgerSession, Task<T>> work, bool durable, CancellationToken cancellationToken)
    {
        var item = new GroupItem<T>(work, durable, cancellationToken);
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
            if (group.Count > 1)
            {
                // Many write at once, and those who were told just now have more to write, often: they come first, and into the same group. Else the quickest
                // of them would have a sync to itself, and all others would wait for it.
                await Task.Yield();
            }

            group.Clear();
        }
    }

    private async Task CommitAsync(List<GroupItem> group)
    {
        if (group.Count == 0)
        {
            return;
        }

        try
        {
            _session ??= _open();
            Sync(_session, group.Exists(item => item.Durable));
            if (!await RunTogetherAsync(_session, group))
            {
                await RunApartAsync(_session, group);
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

        group.ForEach(item => item.Complete());
    }

    /// <summary>Whether the next commit is synced to disk, and with it all before it.</summary>
    private void Sync(SqliteSession session, bool synced)
    {
        if (synced != _synced)
        {
            session.RunAnew(synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            _synced = synced;
        }
    }

    /// <summary>Begins the transaction and runs all. Who fails by its own fault before it has written anything is told and taken out of the group.</summary>
    /// <returns>False: one had written; all is undone, nobody else is told anything.</returns>
    private static async Task<bool> RunTogetherAsync(SqliteSession session, List<GroupItem> group)
    {
        session.Run("BEGIN IMMEDIATE");
        for (var i = 0; i < group.Count; i++)
        {
            var before = session.Written;
            try
            {
                await group[i].RunAsync(session);
            }
            catch (Exception exception) when (!SqliteFaults.IsOfTheDatabase(exception) && session.InTransaction)
            {
                if (session.Written != before)
                {
                    session.Run("ROLLBACK");
                    return false;
                }

                group[i].Fail(exception);
                group.RemoveAt(i--);
            }
        }

        return true;
    }

    /// <summary>The same with each in a savepoint: who fails is told, undone and taken out of the group.</summary>
    private static async Task RunApartAsync(SqliteSession session, List<GroupItem> group)
    {
        session.Run("BEGIN IMMEDIATE");
        for (var i = 0; i < group.Count; i++)
        {
            session.Run("SAVEPOINT item");
            try
            {
                await group[i].RunAsync(session);
            }
            catch (Exception exception) when (!SqliteFaults.IsOfTheDatabase(exception) && session.InTransaction)
            {
                session.Run("ROLLBACK TO item");
                group[i].Fail(exception);
                group.RemoveAt(i--);
            }

            session.Run("RELEASE item");
        }
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
        _synced = true;
        _session?.Dispose();
        _session = null;
    }

    private static partial class Log
    {
        [LoggerMessage(6001, LogLevel.Error, "The ledger could not commit a group of writes (count {Items}, {Exception}, SQLite result {Result}); nothing of it was written")]
        public static partial void GroupAbandoned(ILogger logger, string exception, int result, int items);
    }
}
