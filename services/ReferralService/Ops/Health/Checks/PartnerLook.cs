using System.Collections.Concurrent;
using ReferralService.Fhir.Errors;
using ReferralService.Gathering;
using ReferralService.RecipientDirectory;

namespace ReferralService.Ops.Health.Checks;

/// <summary>Asks a partner that nobody has talked to for five minutes for its <c>/metadata</c>, once in five minutes at most however often its health is looked at.</summary>
internal sealed class PartnerLook(EhrConnections ehrs, RecipientConnections recipients, PartnerContacts contacts, TimeProvider clock)
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(4);

    private readonly ConcurrentDictionary<(PartnerKind Kind, string Name), DateTimeOffset> _asked = new();

    public async Task IfSilentAsync(PartnerKind kind, string name, CancellationToken cancellationToken)
    {
        var (now, contact) = (clock.GetUtcNow(), contacts.Of(kind, name));
        if (IsRecent(contact.LastSuccess) || IsRecent(contact.LastFailure)) return;
        var key = (kind, name);
        if (_asked.TryGetValue(key, out var before) ? IsRecent(before) || !_asked.TryUpdate(key, now, before) : !_asked.TryAdd(key, now)) return;
        using var ceiling = new CancellationTokenSource(Ceiling, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ceiling.Token, cancellationToken);
        try
        {
            await AskAsync(kind, name, either.Token);
            contacts.Succeeded(kind, name, clock.GetUtcNow());
        }
        catch (FhirFormatException)
        {
            // It answers; what it says of itself is for doctor to judge.
            contacts.Succeeded(kind, name, clock.GetUtcNow());
        }
        catch (FhirRequestException e) when (e.Progress == RequestProgress.Answered && !GetPipeline.IsTransient(e))
        {
            contacts.Succeeded(kind, name, clock.GetUtcNow());
        }
        catch (FhirRequestException)
        {
            contacts.Failed(kind, name, clock.GetUtcNow());
        }
        catch (OperationCanceledException) when (ceiling.IsCancellationRequested)
        {
            contacts.Failed(kind, name, clock.GetUtcNow());
        }

        bool IsRecent(DateTimeOffset? at) => at is { } then && now - then < HealthThresholds.ContactAge;
    }

    /// <summary>One exchange, without retries: it is only looked at.</summary>
    private Task AskAsync(PartnerKind kind, string name, CancellationToken cancellationToken) => kind == PartnerKind.Ehr
        ? ehrs.Find(name)?.Client.CapabilitiesAsync(cancellationToken) ?? Task.CompletedTask
        : recipients.Find(name)?.Reads.OnceAsync((client, token) => client.CapabilitiesAsync(token), cancellationToken) ?? Task.CompletedTask;
}
