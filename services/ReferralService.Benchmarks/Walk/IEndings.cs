namespace ReferralService.Benchmarks.Walk;

/// <summary>Knows when referrals are through, without asking the service for what would cost it time.</summary>
internal interface IEndings : IAsyncDisposable
{
    /// <summary>Returns when all are delivered and every event of theirs is out; how long each took from received to delivered, in milliseconds by the service's clock.</summary>
    /// <exception cref="BrokenRunException">One ended otherwise, or an event is missing.</exception>
    Task<IReadOnlyList<double>> AllAsync(IReadOnlyCollection<Guid> referrals, CancellationToken cancellationToken);
}
