namespace ReferralService.Ledger;

/// <summary>Which replicas live, by the database's clock. What a dead one held is freed here instead of being waited out.</summary>
/// <remarks>
/// Freed is the lease alone: Working stays, so that what died in a step is counted as a crash, and an attempt at a recipient is still waited out: by
/// its lease, or where it is harmless to repeat by its successor (Referral.AttemptAt). One that was taken for dead and lives goes on as long as nobody took its work; its fence tells it.
/// </remarks>
internal sealed class ReplicaRoll(LedgerDatabase database)
{
    private readonly ReplicaStatements _sql = new(database.Sql);

    /// <summary>This replica lives, at least until <paramref name="span"/> from now.</summary>
    public Task RenewAsync(TimeSpan span, CancellationToken cancellationToken) => database.WriteSinglyAsync(
        session => session.ExecuteAsync(_sql.Renew, new Values().Add("id", database.Replica).Add("span", span), cancellationToken), cancellationToken);

    /// <summary>Frees what replicas held that have not renewed in time; how many of them there were.</summary>
    public Task<int> FreeOfTheDeadAsync(CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            var dead = await session.ReadRowsAsync(_sql.TakeDead, new Values(), row => row.GetString(0), cancellationToken);
            foreach (var replica in dead)
            {
                await FreeAsync(session, replica, cancellationToken);
            }

            return dead.Count;
        },
        cancellationToken);

    /// <summary>The last word of a replica that ends in good order: nobody waits for what it may still hold.</summary>
    public Task LeaveAsync(CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            await session.ExecuteAsync(ReplicaStatements.Leave, new Values().Add("id", database.Replica), cancellationToken);
            await FreeAsync(session, database.Replica, cancellationToken);
            return true;
        },
        cancellationToken);

    private async Task FreeAsync(LedgerSession session, string replica, CancellationToken cancellationToken)
    {
        foreach (var free in _sql.Free)
        {
            await session.ExecuteAsync(free, new Values().Add("id", replica), cancellationToken);
        }

        if (replica == database.Replica && database.Holds is { } holds)
        {
            await holds.ClearAsync(cancellationToken);
        }
    }
}
