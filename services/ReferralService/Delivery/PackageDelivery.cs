using System.Globalization;
using System.Runtime.ExceptionServices;
using ReferralService.Contracts;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;
using ReferralService.Ledger;
using ReferralService.RecipientDirectory;

namespace ReferralService.Delivery;

/// <summary>The package to be sent: identity and a way to copy its bytes from the vault, as often as asked.</summary>
/// <param name="PackageId">Also <c>Bundle.id</c> in those bytes, which a PUT must name.</param>
/// <param name="Digest"><c>sha-256:</c> and 64 lower-case hex digits; bytes of another digest are never sent whole.</param>
internal sealed record SendablePackage(Guid PackageId, string Digest, long Bytes, Func<Stream, CancellationToken, Task> CopyToAsync)
{
    /// <summary>How many entries its Bundle has: a transaction's answer must speak of each. Null: not known, and then not compared.</summary>
    public int? Entries { get; init; }
}

/// <summary>The one repeatable write to a recipient, and the probe that makes repeating it safe.</summary>
internal sealed partial class PackageDelivery(
    RecipientConnections connections,
    DeliveryPipelines pipelines,
    DeliveryOptions options,
    PartnerMemory memory,
    PartnerContacts contacts,
    TimeProvider clock,
    ILogger<PackageDelivery> logger)
{
    /// <summary>Answers to writes are short; a server that sends the package back is not read to its end.</summary>
    private const long MostAnswerBytes = 1024 * 1024;

    /// <summary>A transaction-response has an entry for each one sent, sometimes with the resource in it.</summary>
    private const long MostTransactionAnswerBytes = 64 * 1024 * 1024;

    /// <summary>One attempt (house, "The walk": repeated inside only what provably had no effect). What it teaches of the recipient is in the ledger when it returns, unless the ledger does not take it: the outcome cannot be had again, the lesson can.</summary>
    public async Task<DeliveryOutcome> SendAsync(DeliveryTarget target, SendablePackage package, CancellationToken cancellationToken)
    {
        if (connections.Find(target.Recipient) is not { } connection || connection.Recipient.BaseUrl != target.BaseUrl)
        {
            return NotThatPlaceAnyMore();
        }

        var client = new FhirClient(
            connection.Http,
            target.BaseUrl,
            new FhirClientOptions
            {
                IdleTimeout = options.AttemptTimeout,
                MaxBodyBytes = target.Route == DeliveryRoute.Transaction ? MostTransactionAnswerBytes : MostAnswerBytes,
            },
            clock);
        var tries = 0;
        var compressed = connection.Recipient.Compress;
        var began = clock.GetTimestamp();
        bool InTime() => clock.GetElapsedTime(began) < options.LongestAttempt(package.Bytes);
        var outcome = await pipelines.RunAsync(
            target.Recipient,
            package.Bytes,
            async token =>
            {
                tries++;
                var answer = await ExchangeAsync(client, target, package, compressed, InTime, token, cancellationToken);
                if (!compressed || answer is not DeliveryOutcome.Refused { Status: { } status and (400 or 411 or 415 or 422 or 501) }) return answer;

                // It may be the coding that it does not take (415 by RFC 9110 15.5.16; some find no JSON in it, or want to be told a length), and nothing was stored: once more as it is.
                compressed = false;
                tries++;
                Log.NotCompressed(logger, target.Recipient, status);
                return await ExchangeAsync(client, target, package, compressed, InTime, token, cancellationToken);
            },
            cancellationToken);
        if (outcome is DeliveryOutcome.Unknown { Status: 412 } && target is { Route: DeliveryRoute.PutBundle, AsksNotToOverwrite: true })
        {
            outcome = await TakenAsync(connection, package, cancellationToken);
        }

        Measures.Attempted(target.Recipient, Kind(outcome));
        var (code, status) = Read(outcome);
        if (status is < 500)
        {
            contacts.Succeeded(PartnerKind.Recipient, target.Recipient, clock.GetUtcNow());
        }
        else
        {
            contacts.Failed(PartnerKind.Recipient, target.Recipient, clock.GetUtcNow());
        }

        Log.Attempted(logger, package.PackageId, target.Recipient, target.Route, code, Answer(status), package.Bytes, tries, (long)clock.GetElapsedTime(began).TotalMilliseconds);
        try
        {
            await LearnAsync(target, outcome, package.Bytes, cancellationToken);
        }
        catch (Exception failure)
        {
            Log.NotLearned(logger, target.Recipient, failure.GetType().Name);
        }

        return outcome;
    }

    /// <summary>Our id is taken (412 to <c>If-None-Match: *</c>): nothing was overwritten, and what is there is read back. It is ours even where it may not be read: nobody else has that id.</summary>
    private static async Task<DeliveryOutcome> TakenAsync(RecipientConnection connection, SendablePackage package, CancellationToken cancellationToken)
        => await PackageProbe.AskAsync(connection, DeliveryRoute.PutBundle, package, cancellationToken) switch
        {
            DeliveryOutcome.Delivered found => found,
            DeliveryOutcome.Doubtful found => found,
            DeliveryOutcome.Unprovable or DeliveryOutcome.Refused => new DeliveryOutcome.Delivered(412, $"Bundle/{package.PackageId}", "found-by-precondition"),
            _ => new DeliveryOutcome.Unknown(ReasonCodes.OutcomeUnknown, 412),
        };

    /// <summary>Asks what became of an attempt that was answered with 202: Working, its outcome, Unreachable, or Unknown when it cannot be told there.</summary>
    public async Task<DeliveryOutcome> PollAsync(DeliveryTarget target, SendablePackage package, string statusUrl, CancellationToken cancellationToken)
    {
        if (connections.Find(target.Recipient) is not { } connection || connection.Recipient.BaseUrl != target.BaseUrl)
        {
            return NotThatPlaceAnyMore();
        }

        var outcome = await StatusPoll.AskAsync(connection, target.Route, package, statusUrl, cancellationToken);
        var (code, status) = Read(outcome);
        Log.Probed(logger, package.PackageId, target.Recipient, target.Route, code, Answer(status));
        return outcome;
    }

    /// <summary>Asks whether the recipient has the package: Delivered, Absent, Unprovable, or Unreachable/Refused when it could not be asked.</summary>
    public async Task<DeliveryOutcome> ProbeAsync(DeliveryTarget target, SendablePackage package, CancellationToken cancellationToken)
    {
        if (connections.Find(target.Recipient) is not { } connection || connection.Recipient.BaseUrl != target.BaseUrl)
        {
            return NotThatPlaceAnyMore();
        }

        var outcome = await PackageProbe.AskAsync(connection, target.Route, package, cancellationToken);
        var (code, status) = Read(outcome);
        Log.Probed(logger, package.PackageId, target.Recipient, target.Route, code, Answer(status));
        return outcome;
    }

    /// <summary>One exchange. Throws only what is not the recipient's answer: the caller's cancellation, and the vault's failure to give the bytes.</summary>
    private static async ValueTask<DeliveryOutcome> ExchangeAsync(
        FhirClient client, DeliveryTarget target, SendablePackage package, bool compressed, Func<bool> inTime, CancellationToken token, CancellationToken caller)
    {
        var route = target.Route;
        using var content = new PackageContent(package, inTime, compressed);
        try
        {
            var answer = await WriteAsync(client, target, package, content, token);
            FaultPoint.Hit("K11", package.PackageId.ToString());
            return AcceptanceReading.Of(answer, route, package);
        }
        catch (Exception) when (content.SourceFault is AttemptOverException)
        {
            return new DeliveryOutcome.Unknown(ReasonCodes.OutcomeUnknown, null);
        }
        catch (Exception) when (content.SourceFault is DamagedPackageException)
        {
            return new DeliveryOutcome.Refused(ReasonCodes.VaultDamaged, null, Fails: false, [], null);
        }
        catch (Exception) when (content.SourceFault is VaultUnreadableException)
        {
            return new DeliveryOutcome.Refused(((VaultUnreadableException)content.SourceFault).Code, null, Fails: false, [], null);
        }
        catch (Exception) when (content.SourceFault is { } fault)
        {
            ExceptionDispatchInfo.Throw(fault);
            throw;
        }
        catch (FhirRequestException e)
        {
            return RefusalReading.Of(e, route, content.Started) switch
            {
                // It may be the condition that it does not take, not the PUT: once more without.
                DeliveryOutcome.Refused { Status: 400 or 501, Learned: not null } no when target is { Route: DeliveryRoute.PutBundle, AsksNotToOverwrite: true }
                    => no with { Learned = $"{RecipientFacts.IfNoneMatch}={RecipientFacts.Refused}" },
                var outcome => outcome,
            };
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            // The attempt as a whole has had its time.
            return content.Started
                ? new DeliveryOutcome.Unknown(ReasonCodes.OutcomeUnknown, null)
                : new DeliveryOutcome.Unreachable(ReasonCodes.RecipientUnreachable, null, null);
        }
    }

    /// <summary>The one write, with what makes its repetition harmless there (<see cref="Idempotency"/>): the same at every attempt.</summary>
    private static Task<FhirWriteAnswer> WriteAsync(FhirClient client, DeliveryTarget target, SendablePackage package, PackageContent content, CancellationToken token)
    {
        var key = target.Idempotency == Idempotency.IdempotencyKey ? package.PackageId.ToString() : null;
        return target.Route switch
        {
            DeliveryRoute.PutBundle when target.AsksNotToOverwrite => client.CreateAsAsync("Bundle", package.PackageId.ToString(), content, token),
            DeliveryRoute.PutBundle => client.UpdateAsync("Bundle", package.PackageId.ToString(), content, ifMatch: null, token),
            DeliveryRoute.PostBundle => client.CreateAsync(
                "Bundle", content, target.Idempotency == Idempotency.IfNoneExist ? $"identifier={IdentifierReading.System}|{IdentifierReading.Value(package.PackageId)}" : null, key, token),
            _ => client.TransactionAsync(content, key, token),
        };
    }

    private async Task LearnAsync(DeliveryTarget target, DeliveryOutcome outcome, long bytes, CancellationToken cancellationToken)
    {
        var partner = RecipientFacts.Partner(target.Recipient);
        switch (outcome)
        {
            case DeliveryOutcome.Refused { Learned: { } learned } when learned.Split('=') is [var key, var value]:
                await memory.LearnAsync(partner, key, value, cancellationToken);
                break;
            case DeliveryOutcome.Refused { Code: ReasonCodes.TooLarge }:
                await memory.LearnAsync(partner, RecipientFacts.MaxBytes, bytes.ToString(CultureInfo.InvariantCulture), cancellationToken);
                break;
            case DeliveryOutcome.Refused { Code: ReasonCodes.EndpointWrong }:
                // What a wrong address taught (no PUT there) is not true of the right one.
                await memory.ForgetAsync(partner, cancellationToken);
                break;
        }
    }

    /// <summary>A package goes where it was built for, or nowhere: a changed address waits for a person.</summary>
    private static DeliveryOutcome.Refused NotThatPlaceAnyMore() => new(ReasonCodes.EndpointWrong, null, Fails: false, [], null);

    /// <summary>For the log; not every outcome is an answer's.</summary>
    private static string Answer(int? status) => status is { } told ? $"HTTP {told}" : "no status";

    /// <summary>For the measures: what it was, without why.</summary>
    private static string Kind(DeliveryOutcome outcome) => outcome switch
    {
        DeliveryOutcome.Delivered => "delivered",
        DeliveryOutcome.Refused => "refused",
        DeliveryOutcome.Unreachable => "unreachable",
        DeliveryOutcome.PartlyStored => "partly-stored",
        DeliveryOutcome.Working => "working",
        _ => "unknown",
    };

    private static (string Code, int? Status) Read(DeliveryOutcome outcome) => outcome switch
    {
        DeliveryOutcome.Delivered delivered => (delivered.Noted ?? "delivered", delivered.Status),
        DeliveryOutcome.Refused refused => (refused.Code, refused.Status),
        DeliveryOutcome.Unreachable nothing => (nothing.Code, nothing.Status),
        DeliveryOutcome.Unknown unknown => (unknown.Code, unknown.Status),
        DeliveryOutcome.PartlyStored => (ReasonCodes.PartlyStored, 200),
        DeliveryOutcome.Working => ("working", 202),
        DeliveryOutcome.Doubtful doubtful => (doubtful.Cause, null),
        DeliveryOutcome.Absent => ("absent", null),
        DeliveryOutcome.Unprovable => ("unprovable", null),
        _ => throw new InvalidOperationException("DeliveryOutcome is closed."),
    };

    private static partial class Log
    {
        [LoggerMessage(5001, LogLevel.Information, "Package {Package} to {Recipient} by {Route}: {Code} ({Answer}), {Bytes} bytes, try {Tries}, {Milliseconds} ms")]
        public static partial void Attempted(
            ILogger logger, Guid package, string recipient, DeliveryRoute route, string code, string answer, long bytes, int tries, long milliseconds);

        [LoggerMessage(5002, LogLevel.Information, "Package {Package} asked for at {Recipient} by {Route}: {Code} ({Answer})")]
        public static partial void Probed(ILogger logger, Guid package, string recipient, DeliveryRoute route, string code, string answer);

        [LoggerMessage(5003, LogLevel.Warning, "What an attempt taught of {Recipient} could not be kept ({ExceptionType}); the next one teaches it again")]
        public static partial void NotLearned(ILogger logger, string recipient, string exceptionType);

        [LoggerMessage(5004, LogLevel.Warning, "{Recipient} answered a compressed package with {Status}: it goes once more as it is; if that is taken, set Compress of that recipient to false")]
        public static partial void NotCompressed(ILogger logger, string recipient, int status);
    }
}
