using System.Net;
using ReferralService.Fhir.Errors;

namespace ReferralService.RecipientDirectory;

/// <summary>Asks one recipient for its /metadata: one question at a time for everybody who wants to know, and nobody waits long for it.</summary>
/// <remarks>
/// Whoever wants to know holds a place meanwhile, in the gathering step one of the EHR's. A recipient that swallows the question would so take the
/// places of an EHR from the referrals for all others. The question therefore goes on by itself, and those who wait for its answer come back later.
/// </remarks>
internal sealed partial class CapabilityQuestion(RecipientConnection connection, TimeProvider clock, ILogger log, CancellationToken ended)
{
    /// <summary>How long an answer is believed. After that it still serves while there is no newer one.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromMinutes(10);

    /// <summary>How long a question takes at most, with all its tries.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    /// <summary>How long from its beginning a question is waited for in place; not at all when the last one found nobody.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>How long a recipient that could not be asked, or said nothing in place of what it had told, is left alone.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    /// <summary>How long what was told outweighs that nothing is told now: a page of maintenance or a lost route changes nothing of what a recipient takes.</summary>
    public static readonly TimeSpan OutweighsSilence = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private (Task<CapabilityAnswer> Answer, DateTimeOffset Since)? _open;
    private CapabilityAnswer.Told? _told;
    private CapabilityAnswer.Failed? _failed;

    /// <summary>When nothing was told in place of what is still believed.</summary>
    private DateTimeOffset? _silent;

    /// <summary>The question under way, or a completed task.</summary>
    public Task Ending
    {
        get
        {
            lock (_gate)
            {
                return _open?.Answer ?? Task.CompletedTask;
            }
        }
    }

    /// <summary>The answer as far as it is known; never asks, never waits. Null: asking is due.</summary>
    /// <param name="wished">Since when it is wished to be known: what only a person can mend is asked anew once somebody has wished it.</param>
    public CapabilityAnswer? Glance(DateTimeOffset wished)
    {
        lock (_gate)
        {
            return Known(wished) ?? (_open is { } open && WaitsFor(open.Since) <= TimeSpan.Zero ? Meanwhile(open.Since) : null);
        }
    }

    public async Task<CapabilityAnswer> AskAsync(DateTimeOffset wished, CancellationToken cancellationToken)
    {
        Task<CapabilityAnswer> answer;
        DateTimeOffset since;
        TimeSpan patience;
        lock (_gate)
        {
            if (Known(wished) is { } known)
            {
                return known;
            }

            _open ??= (Task.Run(ReadAsync, CancellationToken.None), clock.GetUtcNow());
            (answer, since) = _open.Value;
            patience = WaitsFor(since);
        }

        if (patience > TimeSpan.Zero)
        {
            try
            {
                var answered = await answer.WaitAsync(patience, clock, cancellationToken);
                lock (_gate)
                {
                    return Known(wished) ?? answered;
                }
            }
            catch (TimeoutException)
            {
                // It goes on; the answer is kept for whoever looks again.
            }
        }

        lock (_gate)
        {
            return Meanwhile(since);
        }
    }

    /// <summary>What was told is not believed any more.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            (_told, _silent) = (null, null);
        }
    }

    private CapabilityAnswer? Known(DateTimeOffset wished)
    {
        var now = clock.GetUtcNow();
        if (_told is { } told && now - told.At < Freshness)
        {
            return told;
        }

        if (_silent is { } since && now - since < Rest)
        {
            return _told;
        }

        return _failed switch
        {
            { } failed when now - failed.At >= Rest => null,
            { } failed when NeedsPerson(failed) => failed.At > wished ? failed : null,
            { } failed => _told ?? (CapabilityAnswer)failed,
            null => null,
        };
    }

    private CapabilityAnswer Meanwhile(DateTimeOffset since) => _told ?? (CapabilityAnswer)new CapabilityAnswer.Awaited(clock.GetUtcNow() - since);

    private TimeSpan WaitsFor(DateTimeOffset since) => _failed is { } failed && !NeedsPerson(failed) ? TimeSpan.Zero : Patience - (clock.GetUtcNow() - since);

    private async Task<CapabilityAnswer> ReadAsync()
    {
        CapabilityAnswer? answer = null;
        try
        {
            answer = await AnswerAsync();
        }
        finally
        {
            answer = Keep(answer);
        }

        return answer!;
    }

    private async Task<CapabilityAnswer> AnswerAsync()
    {
        try
        {
            var capability = await connection.Reads.RunAsync((client, token) => client.CapabilitiesAsync(token), Longest, ended);
            return new CapabilityAnswer.Told(capability, clock.GetUtcNow());
        }
        catch (FhirFormatException e) when (e.Code == FormatCode.JsonTruncated)
        {
            return new CapabilityAnswer.Failed(new FhirRequestException(RequestCode.Reset, RequestProgress.MaybeSent, null, [], null, e), clock.GetUtcNow());
        }
        catch (FhirFormatException)
        {
            return new CapabilityAnswer.Told(null, clock.GetUtcNow());
        }
        catch (FhirRequestException e)
        {
            return IsSilence(e) ? new CapabilityAnswer.Told(null, clock.GetUtcNow()) : new CapabilityAnswer.Failed(e, clock.GetUtcNow());
        }
        catch (Exception e) when (!ended.IsCancellationRequested)
        {
            // A fault of ours, or one that nobody knows: it rests like any other failure, or everybody would ask again at once and meet it again.
            Log.Failed(log, connection.Recipient.Name, e.GetType().Name, e.StackTrace);
            return new CapabilityAnswer.Failed(new FhirRequestException(RequestCode.Unreachable, RequestProgress.MaybeSent, null, [], null, e), clock.GetUtcNow());
        }
    }

    /// <summary>What is to be believed now: the answer, or what was told before.</summary>
    /// <param name="answer">Null: the process ends.</param>
    private CapabilityAnswer? Keep(CapabilityAnswer? answer)
    {
        lock (_gate)
        {
            _open = null;
            _silent = null;
            _failed = answer as CapabilityAnswer.Failed;
            if (answer is not CapabilityAnswer.Told told)
            {
                return answer;
            }

            if (told.Capability is null && _told is { Capability: not null } before && told.At - before.At < OutweighsSilence)
            {
                _silent = told.At;
                return before;
            }

            return _told = told;
        }
    }

    /// <summary>It works, and waiting alone changes nothing.</summary>
    private static bool NeedsPerson(CapabilityAnswer.Failed failed) => TargetFinder.Unasked(failed.Failure) is TargetResolution.Held;

    /// <summary>It answers, but says nothing of itself.</summary>
    public static bool IsSilence(Exception failure) => failure is FhirFormatException { Code: not FormatCode.JsonTruncated } || (failure is FhirRequestException e && IsSilence(e));

    private static bool IsSilence(FhirRequestException e) => e.Code is "not-fhir" or "too-large" || e.Status
        is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotAcceptable or HttpStatusCode.Gone or HttpStatusCode.NotImplemented;

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Error, "Recipient {Recipient}: the question for its /metadata failed with {ExceptionType}; it is asked again after a rest.\n{StackTrace}")]
        public static partial void Failed(ILogger log, string recipient, string exceptionType, string? stackTrace);
    }
}
