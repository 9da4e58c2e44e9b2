using System.Diagnostics;
using ReferralService.Contracts;
using ReferralService.Delivery;
using ReferralService.Gathering;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;

namespace ReferralService.Flow;

/// <summary>Runs one wake-up: takes the referral over if its fence still holds, and lets the step that its state wants do the work.</summary>
internal sealed partial class StepRunner : IDisposable
{
    /// <summary>How long a step under way may go on when the process is told to stop: an answer that is about to come need not be asked for again.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Until a suspect that found no room tries again; another may have its turn meanwhile.</summary>
    private static readonly TimeSpan SuspectPause = TimeSpan.FromSeconds(1);

    /// <summary>What is given back because the process stops falls due a moment later, or the others' wake-ups would bring it back as long as the bus does.</summary>
    private static readonly TimeSpan HandOver = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a wake-up from the bus may wait for a place: the broker holds it for us meanwhile, and no other replica has it.</summary>
    private static readonly TimeSpan PlaceWithin = TimeSpan.FromMilliseconds(500);

    private readonly ReferralBook _book;
    private readonly PackagingStep _packaging;
    private readonly DeliveryStep _delivering;
    private readonly StepSlots _slots;
    private readonly FlowOptions _options;
    private readonly GatheringOptions _gathering;
    private readonly DeliveryOptions _delivery;
    private readonly StepTime _time;
    private readonly ILogger<StepRunner> _log;
    private readonly CancellationToken _stopping;
    private readonly CancellationTokenSource _graceOver;
    private readonly CancellationTokenRegistration _onStopping;

    public StepRunner(
        ReferralBook book, PackagingStep packaging, DeliveryStep delivering, StepSlots slots, FlowOptions options, GatheringOptions gathering, DeliveryOptions delivery,
        StepTime time, IHostApplicationLifetime lifetime, ILogger<StepRunner> log)
    {
        (_book, _packaging, _delivering, _slots, _options, _gathering, _delivery, _time, _log) = (book, packaging, delivering, slots, options, gathering, delivery, time, log);
        _stopping = lifetime.ApplicationStopping;
        _graceOver = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time.Clock);
        _onStopping = _stopping.Register(() => _graceOver.CancelAfter(Grace));
    }

    /// <summary>Never throws: whoever carried the wake-up has nothing to repeat.</summary>
    public async Task RunAsync(ReferralId id, long fence, int crashes)
    {
        IDisposable? place;
        try
        {
            place = Suspicion.RunsAlone(crashes) ? await EnterAloneAsync(id, fence) : await _slots.EnterAsync(_stopping);
        }
        catch (OperationCanceledException)
        {
            await GiveBackAsync(id, fence, HandOver);
            return;
        }

        if (place is null)
        {
            await GiveBackAsync(id, fence, SuspectPause);
            return;
        }

        using (place)
        {
            await RunInPlaceAsync(id, fence, goesOn: !Suspicion.RunsAlone(crashes));
        }
    }

    /// <summary>Begins if there is a place within half a second; else gives the claim back, for whoever has one. Never throws.</summary>
    /// <returns>The step under way; null: it was given back.</returns>
    public async Task<Task?> TryBeginAsync(ReferralId id, long fence)
    {
        using var within = new CancellationTokenSource(PlaceWithin, _time.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(within.Token, _stopping);
        IDisposable place;
        try
        {
            place = await _slots.EnterAsync(either.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            await GiveBackAsync(id, fence, HandOver);
            return null;
        }
        catch (OperationCanceledException)
        {
            await HandBackAsync(id, fence);
            return null;
        }

        return Task.Run(
            async () =>
            {
                using (place)
                {
                    await RunInPlaceAsync(id, fence, goesOn: true);
                }
            },
            CancellationToken.None);
    }

    public void Dispose()
    {
        _onStopping.Dispose();
        _graceOver.Dispose();
    }

    /// <summary>The claim must hold as long as the suspect may wait.</summary>
    private async Task<IDisposable?> EnterAloneAsync(ReferralId id, long fence)
    {
        try
        {
            await _book.RenewAsync(id, fence, _slots.LongestWait + _options.Lease, _stopping);
        }
        catch (LedgerUnavailableException gone)
        {
            Log.LedgerUnavailable(_log, id, gone.Code);
            return null;
        }

        return await _slots.EnterAloneAsync(_stopping);
    }

    /// <summary>The step, and after packaging the delivery as well where its turn has come (docs/adr/0018).</summary>
    /// <param name="goesOn">Not so a suspect: it has all places.</param>
    private async Task RunInPlaceAsync(ReferralId id, long fence, bool goesOn)
    {
        var packaged = await RunStepAsync(id, fence, token => _book.BeginAsync(id, fence, _options.Lease, token), _graceOver.Token);
        if (packaged is not null)
        {
            await RunStepAsync(id, packaged.Fence, token => _book.TakeUpAsync(id, packaged.Fence, goesOn ? Places : 0, _options.Lease, token), _graceOver.Token);
        }
    }

    /// <summary>Of one recipient, as the claim would have it: its own limit, and half of what is free in the process, so that recipients that hang leave room for the others.</summary>
    private int Places => _stopping.IsCancellationRequested ? 0 : Math.Min(_options.PerRecipient, (_slots.Free + 1) / 2);

    /// <returns>As <see cref="PackagingStep.RunAsync"/>.</returns>
    private async Task<Referral?> RunStepAsync(ReferralId id, long fence, Func<CancellationToken, Task<Referral?>> begin, CancellationToken cancellationToken)
    {
        Referral? held = null;
        var began = _time.Clock.GetTimestamp();
        Activity? step = null;
        try
        {
            held = await begin(cancellationToken);
            if (held is null)
            {
                return null;
            }

            step = Spans.Step(held.State is ReferralState.Packaged or ReferralState.Delivering ? "deliver" : "package", held.TraceParent);
            step.SetTag("referral.id", held.Id.ToString()).SetTag("referral.ehr", held.Ehr).SetTag("referral.recipient", held.Recipient);
            if (Suspicion.IsPoison(held.Crashes))
            {
                StepEnding.Tell(_log, await _book.AdvanceAsync(held, Poison, keepLease: null, cancellationToken));
            }
            else if (held.State is ReferralState.Packaged or ReferralState.Delivering)
            {
                await _delivering.RunAsync(held, cancellationToken);
            }
            else
            {
                return await _packaging.RunAsync(held, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops: given back, so that nobody has to wait for the lease. Or the lease is lost (then this finds nothing), or could not be renewed in time.
            await GiveBackAsync(id, held?.Fence ?? fence, cancellationToken.IsCancellationRequested || held is null ? HandOver : Delay(held));
        }
        catch (LedgerUnavailableException unavailable)
        {
            // Not left to the lease: this process lives, and a lease that runs out counts as a crash. A database that fails often would make poison of what it only kept waiting.
            Log.LedgerUnavailable(_log, id, unavailable.Code);
            await GiveBackAsync(id, held?.Fence ?? fence, TimeSpan.Zero);
        }
        catch (Exception failure)
        {
            Spans.Ended("fault");
            step?.SetStatus(ActivityStatusCode.Error);
            Log.Failed(_log, id, failure.GetType().Name, failure.StackTrace);
            await FailedAsync(held);
        }
        finally
        {
            if (step is not null)
            {
                // Who says nothing gave it back as it was.
                Measures.Stepped(step.OperationName, Spans.Outcome(step) ?? "left", _time.Clock.GetElapsedTime(began));
                step.Dispose();
            }
        }

        return null;
    }

    private Transition Poison(Referral referral) => StepTransitions.Held(
        referral, ReasonCodes.Poison, "Working on it ended the process again and again, the last times alone. Report it; retry tries once more.", _time.Now);

    /// <summary>A fault of ours: later again, as long as the deadlines allow.</summary>
    private async Task FailedAsync(Referral? held)
    {
        if (held is null)
        {
            return;
        }

        var due = _time.Now + Delay(held);
        try
        {
            await _book.AdvanceAsync(
                held,
                r => r.State is ReferralState.Packaged or ReferralState.Delivering
                    ? StepTransitions.Postponed(r, ReasonCodes.InternalError, due, _delivery.Deadline, _time.Now)
                    : StepTransitions.GatherDeferred(r, ReasonCodes.InternalError, due, _time.Now + _gathering.Deadline, _time.Now),
                keepLease: null,
                CancellationToken.None);
        }
        catch (LedgerUnavailableException)
        {
            await GiveBackAsync(held.Id, held.Fence, Delay(held));
        }
        catch (Exception failure)
        {
            // The lease runs out, and that counts as a crash.
            Log.NotWritten(_log, held.Id, failure.GetType().Name);
        }
    }

    /// <summary>A ledger that is away is waited for as long as the lease may hold; after that there is nothing to give back.</summary>
    private async Task GiveBackAsync(ReferralId id, long fence, TimeSpan delay)
    {
        var until = _time.Now + _options.Lease;
        while (true)
        {
            try
            {
                await _book.ReleaseAsync(id, fence, _time.Now + delay, CancellationToken.None);
                return;
            }
            catch (LedgerUnavailableException) when (_time.Now < until && !_stopping.IsCancellationRequested)
            {
                await Task.Delay(_options.LookEvery, _time.Clock, _stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception failure)
            {
                Log.NotWritten(_log, id, failure.GetType().Name);
                return;
            }
        }
    }

    private async Task HandBackAsync(ReferralId id, long fence)
    {
        try
        {
            await _book.HandBackAsync(id, fence, CancellationToken.None);
        }
        catch (Exception failure)
        {
            Log.NotWritten(_log, id, failure.GetType().Name);
        }
    }

    private TimeSpan Delay(Referral held) => _time.Delay(held.GatherTries + held.Attempt, null);

    private static partial class Log
    {
        [LoggerMessage(8301, LogLevel.Warning, "Referral {Referral}: the ledger is unavailable ({Code}); the step is given back and taken up again")]
        public static partial void LedgerUnavailable(ILogger log, ReferralId referral, string code);

        [LoggerMessage(8302, LogLevel.Error, "Referral {Referral}: a step failed with {ExceptionType}; it is tried again later.\n{StackTrace}")]
        public static partial void Failed(ILogger log, ReferralId referral, string exceptionType, string? stackTrace);

        [LoggerMessage(8303, LogLevel.Warning, "Referral {Referral}: how its step ended could not be written ({ExceptionType}); the lease runs out and the step is taken up again")]
        public static partial void NotWritten(ILogger log, ReferralId referral, string exceptionType);
    }
}
