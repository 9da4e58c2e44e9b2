using ReferralService.Ledger;

namespace ReferralService.Gathering;

/// <summary>How a sweep ended. Closed.</summary>
internal abstract record SweepOutcome
{
    private SweepOutcome() { }

    /// <param name="Cursor">Where the next sweep begins: the newest lastUpdated seen or the start of this one by the EHR's clock, less the overlap.</param>
    public sealed record Swept(DateTimeOffset Cursor, int Orders) : SweepOutcome;

    public sealed record Failed(string Code, TimeSpan? RetryAfter) : SweepOutcome;
}

/// <summary>Asks an EHR for the orders that match its criteria and changed since the cursor, page by page.</summary>
internal sealed class OrderSweep
{
    /// <summary>The cursor reaches back at least this far behind what was seen, for orders that become visible late.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    /// <param name="store">Stores a page durably before the next one is asked for.</param>
    public Task<SweepOutcome> RunAsync(
        string ehr, DateTimeOffset cursor, DateTimeOffset now, Func<IReadOnlyList<SweptOrder>, CancellationToken, Task> store, CancellationToken cancellationToken)
        => throw new NotImplementedException();
}
