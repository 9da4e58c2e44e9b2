namespace ReferralService.Gathering;

/// <summary>What gathering gave. Closed.</summary>
internal abstract record GatherOutcome
{
    private GatherOutcome() { }

    /// <summary>The record, complete but for its declared gaps. The caller disposes it.</summary>
    public sealed record Gathered(GatheredRecord Record) : GatherOutcome;

    /// <summary>A mandatory pull did not succeed: try again later.</summary>
    public sealed record Deferred(string Code, TimeSpan? RetryAfter) : GatherOutcome;

    /// <summary>It will not succeed by itself: hold.</summary>
    public sealed record Impossible(string Code, string Message) : GatherOutcome
    {
        /// <summary>Rules of the items that plans must have and the record lacks: <c>plan:urology-psa/psa-series</c>. They say what kind of referral it is: for the privacy role, not for logs and events.</summary>
        public IReadOnlyList<string> Missing { get; init; } = [];
    }
}
