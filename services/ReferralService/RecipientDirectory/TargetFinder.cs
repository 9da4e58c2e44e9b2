using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Contracts;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;
using ReferralService.Ledger;

namespace ReferralService.RecipientDirectory;

/// <summary>Decides form and route for a recipient: configured, else Auto from its /metadata and what was learned (interfaces §6).</summary>
internal sealed class TargetFinder(RecipientConnections connections, PartnerMemory memory, TimeProvider clock, ILogger<CapabilityQuestion>? log = null) : IAsyncDisposable
{
    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    private readonly IdempotencyFinder _characters = new(memory);
    private readonly ConcurrentDictionary<string, CapabilityQuestion> _questions = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ended = new();

    /// <summary>How to deliver there, with what makes a repetition harmless.</summary>
    /// <param name="wished">Since when it is wished to be known: an obstacle that only a person can remove is looked at anew when it was met before that.</param>
    /// <remarks>For a package that is built already it says how to go on: another route for the same bytes, or another form for the next version.</remarks>
    public async Task<TargetResolution> FindAsync(string recipient, DateTimeOffset wished, CancellationToken cancellationToken)
    {
        var (way, otherwise) = await ChooseAsync(recipient, wished, cancellationToken);
        return way is null ? otherwise! : new TargetResolution.Ready(way.Target with
        {
            Idempotency = await _characters.FindAsync(way.Connection, way.Target.Route, way.Capability, way.Facts, cancellationToken),
        });
    }

    /// <summary>What packaging needs to know and no more: the form. What it takes to send the package safely is asked when it is sent, in a place of the recipient's own.</summary>
    /// <param name="wished">As for <see cref="FindAsync"/>.</param>
    /// <returns>The form, or why there is none yet.</returns>
    public async Task<(PackageForm Form, TargetResolution? Otherwise)> FindFormAsync(string recipient, DateTimeOffset wished, CancellationToken cancellationToken)
    {
        var (way, otherwise) = await ChooseAsync(recipient, wished, cancellationToken);
        return (way?.Target.Form ?? default, otherwise);
    }

    /// <summary>When the question under way, if there is one, is over, whatever it gives: for who holds nobody's place meanwhile. At most <see cref="CapabilityQuestion.Longest"/> and a moment.</summary>
    public Task AnsweredAsync(string recipient, CancellationToken cancellationToken)
        => _questions.TryGetValue(recipient, out var question) ? question.Ending.WaitAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>For how long it has been asked, when it is being asked and nothing can be said before it answers; else null. Asks nothing and waits for nothing.</summary>
    public TimeSpan? Awaits(string recipient, DateTimeOffset wished)
        => _questions.TryGetValue(recipient, out var question) && question.Glance(wished) is CapabilityAnswer.Awaited { For: var since } ? since : null;

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await Task.WhenAll(_questions.Values.Select(q => q.Ending)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private async Task<(Way? Way, TargetResolution? Otherwise)> ChooseAsync(string recipient, DateTimeOffset wished, CancellationToken cancellationToken)
    {
        if (connections.Find(recipient) is not { } connection)
        {
            return (null, new TargetResolution.Held(ReasonCodes.RecipientUnknown, "The recipient is not configured; add it under Recipients, or retry with another recipient."));
        }

        var question = _questions.GetOrAdd(recipient, _ => new CapabilityQuestion(connection, clock, log ?? NullLogger<CapabilityQuestion>.Instance, _ended.Token));
        var answer = await question.AskAsync(wished, cancellationToken);
        if (answer is CapabilityAnswer.Told { Capability: var old, At: var at } && at <= wished && Choose(connection.Recipient, old, await _characters.FactsAsync(connection.Recipient, old, cancellationToken)) is null)
        {
            // Who has mended it over there and wishes for another try is believed at once.
            question.Forget();
            answer = await question.AskAsync(wished, cancellationToken);
        }

        switch (answer)
        {
            case CapabilityAnswer.Told { Capability: var capability }:
                return await ChooseAsync(connection, capability, cancellationToken);
            case CapabilityAnswer.Awaited awaited:
                return (null, new TargetResolution.Awaited(awaited.For));
            case CapabilityAnswer.Failed failed:
                return (null, Rested(Unasked(failed.Failure), failed.At));
            default:
                throw new InvalidOperationException("An answer that nobody knows.");
        }
    }

    private async Task<(Way? Way, TargetResolution? Otherwise)> ChooseAsync(RecipientConnection connection, CapabilityView? capability, CancellationToken cancellationToken)
    {
        var recipient = connection.Recipient;
        var facts = await _characters.FactsAsync(recipient, capability, cancellationToken);
        if (Choose(recipient, capability, facts) is { } choice)
        {
            var target = new DeliveryTarget(recipient.Name, recipient.BaseUrl, choice.Form, choice.Route) { AsksNotToOverwrite = !facts.Says(RecipientFacts.IfNoneMatch, RecipientFacts.Refused) };
            return (new Way(target, connection, capability, facts), null);
        }

        if (Choose(recipient, capability, Nothing) is not null)
        {
            // What it taught us leaves nothing: a retry starts afresh.
            await memory.ForgetAsync(RecipientFacts.Partner(recipient.Name), cancellationToken);
        }

        return (null, new TargetResolution.Held(
            ReasonCodes.RecipientIncapable,
            capability is null
                ? "The recipient does not tell at /metadata what it can take; set its Form, or mend its /metadata, then retry."
                : "The recipient takes neither a Bundle to store nor a transaction in the form asked for; set another Form, then retry."));
    }

    private static (PackageForm Form, DeliveryRoute Route)? Choose(RecipientOptions recipient, CapabilityView? capability, IReadOnlyDictionary<string, string> facts)
        => RouteChoice.Choose(recipient.Form, capability, facts, recipient.Idempotency);

    /// <summary>Not asked again before the recipient's rest is over, so nobody needs to come before.</summary>
    private TargetResolution Rested(TargetResolution unasked, DateTimeOffset at)
    {
        var left = at + CapabilityQuestion.Rest - clock.GetUtcNow();
        return unasked is TargetResolution.Deferred later && !(later.RetryAfter > left) ? later with { RetryAfter = left } : unasked;
    }

    private static TargetResolution.Held Untrusted(IReadOnlyDictionary<string, string> detail)
        => new(ReasonCodes.Tls, TlsMessages.For(detail["reason"])) { Detail = detail };

    /// <summary>What a failed question for /metadata means.</summary>
    internal static TargetResolution Unasked(FhirRequestException e) => (int?)e.Status switch
    {
        401 or 403 => new TargetResolution.Held(ReasonCodes.AuthRefused, "The recipient refuses our credentials at /metadata; mend its Auth setting, then retry."),
        429 => new TargetResolution.Deferred(ReasonCodes.RecipientThrottled, e.RetryAfter),
        503 => new TargetResolution.Deferred(ReasonCodes.RecipientBusy, e.RetryAfter),
        >= 300 and < 500 and not 408 and not 425 => new TargetResolution.Held(ReasonCodes.EndpointWrong, "The recipient's BaseUrl does not answer as a FHIR server; mend it, then retry."),
        null when e.Code == "address-refused" => new TargetResolution.Held(ReasonCodes.AddressRefused, "The recipient's name stands for an address that is not allowed; mend BaseUrl, Networks or DNS, then retry."),
        null when e.IsUntrusted => Untrusted(TlsMessages.Detail(e)),
        _ => new TargetResolution.Deferred(ReasonCodes.RecipientUnreachable, e.RetryAfter),
    };

    private sealed record Way(DeliveryTarget Target, RecipientConnection Connection, CapabilityView? Capability, IReadOnlyDictionary<string, string> Facts);
}
