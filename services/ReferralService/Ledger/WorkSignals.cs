namespace ReferralService.Ledger;

/// <summary>Tells the loops of this process what a committed transaction left to do.</summary>
/// <remarks>One for each loop, because every look is a transaction of its own: a referral commits some eight times, and each commit concerns one loop or two.</remarks>
internal sealed class WorkSignals
{
    /// <summary>A referral fell due, or a place became free in its lane.</summary>
    public WorkSignal Steps { get; } = new();

    /// <summary>A status event waits to be told.</summary>
    public WorkSignal Events { get; } = new();

    /// <summary>A notice is to be looked into.</summary>
    public WorkSignal Notices { get; } = new();

    /// <summary>An EHR is to be swept.</summary>
    public WorkSignal Sweeps { get; } = new();

    /// <summary>The subscription at an EHR is to be looked at.</summary>
    public WorkSignal Subscriptions { get; } = new();

    /// <summary>What changed may concern anyone.</summary>
    public void SetAll()
    {
        foreach (var one in (ReadOnlySpan<WorkSignal>)[Steps, Events, Notices, Sweeps, Subscriptions])
        {
            one.Set();
        }
    }
}
