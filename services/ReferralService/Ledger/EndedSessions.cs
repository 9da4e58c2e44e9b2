namespace ReferralService.Ledger;

/// <summary>Sessions that were ended before their time, known to every replica: a cookie that somebody copied opens nothing after its owner has signed out.</summary>
internal sealed class EndedSessions(LedgerDatabase database)
{
    private const string Insert = "INSERT INTO session_end (id, until) VALUES (@id, @until) ON CONFLICT (id) DO NOTHING";

    private const string Forget = "DELETE FROM session_end WHERE until < @now";

    private const string Count = "SELECT count(*) FROM session_end WHERE id = @id";

    /// <param name="until">When it would have ended by itself at the latest; it is forgotten then.</param>
    public Task AddAsync(string id, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var now = database.Clock.GetUtcNow();
        return database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(Forget, new Values().Add("now", now), cancellationToken);
                return await session.ExecuteAsync(Insert, new Values().Add("id", id).Add("until", until), cancellationToken);
            },
            cancellationToken);
    }

    public async Task<bool> ContainsAsync(string id, CancellationToken cancellationToken)
        => await database.ReadAsync(session => session.ScalarAsync(Count, new Values().Add("id", id), cancellationToken), cancellationToken) > 0;
}
