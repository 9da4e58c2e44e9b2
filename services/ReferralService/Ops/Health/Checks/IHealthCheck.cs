namespace ReferralService.Ops.Health.Checks;

/// <summary>One thing that is looked at, for <c>/health/detail</c> and for <c>doctor</c> alike: what is wrong with it and what mends it is said in one place.</summary>
internal interface IHealthCheck
{
    /// <summary>For the result of a check that took too long or failed itself.</summary>
    string Name { get; }

    /// <summary>One result, or one for each partner or volume it is about. Words of ours alone; nothing is changed by looking.</summary>
    Task<IReadOnlyList<HealthCheckResult>> CheckAsync(CancellationToken cancellationToken);
}
