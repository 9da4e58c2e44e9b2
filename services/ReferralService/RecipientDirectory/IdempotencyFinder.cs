using System.Security.Cryptography;
using System.Text;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;
using ReferralService.Ledger;

namespace ReferralService.RecipientDirectory;

/// <summary>Finds a recipient's idempotency character and keeps it in the ledger for all replicas, until its CapabilityStatement changes.</summary>
internal sealed class IdempotencyFinder(PartnerMemory memory)
{
    private static readonly Guid Namespace = new("5d0b0e5e-7a3c-5c8e-9a51-7e4b6f1c2d30");

    /// <summary>The facts that still hold: all of them, or none when /metadata tells of another server than they were learned of.</summary>
    /// <param name="capability">Null: it tells nothing, and that is no other server as long as it has the same address.</param>
    public async Task<IReadOnlyDictionary<string, string>> FactsAsync(RecipientOptions recipient, CapabilityView? capability, CancellationToken cancellationToken)
    {
        var partner = RecipientFacts.Partner(recipient.Name);
        var facts = await memory.RecallAsync(partner, cancellationToken);
        var (statement, address) = (Digest(recipient, capability), Digest(recipient.BaseUrl.AbsoluteUri));
        var sameAddress = facts.Says(RecipientFacts.Address, address);
        var holds = facts.Says(RecipientFacts.Statement, statement);
        if (sameAddress && (holds || capability is null))
        {
            return facts;
        }

        if (!holds)
        {
            if (facts.ContainsKey(RecipientFacts.Statement))
            {
                await memory.ForgetAsync(partner, cancellationToken);
                facts = new Dictionary<string, string>();
            }

            await memory.LearnAsync(partner, RecipientFacts.Statement, statement, cancellationToken);
        }

        await memory.LearnAsync(partner, RecipientFacts.Address, address, cancellationToken);
        return facts;
    }

    /// <summary>The character for a route: as configured, else as learned, else found out now by asking for a package that cannot exist.</summary>
    public async Task<Idempotency> FindAsync(
        RecipientConnection connection, DeliveryRoute route, CapabilityView? capability, IReadOnlyDictionary<string, string> facts, CancellationToken cancellationToken)
    {
        var recipient = connection.Recipient;
        if (route == DeliveryRoute.PutBundle)
        {
            await KeepAsync(recipient, Idempotency.PutId, route, facts, cancellationToken);
            return Idempotency.PutId;
        }

        if (recipient.Idempotency != Idempotency.Auto)
        {
            return recipient.Idempotency;
        }

        if (facts.TryGetValue(RecipientFacts.Idempotency, out var known) && Character(known) is { } learned && known.EndsWith($" {route}", StringComparison.Ordinal))
        {
            return learned;
        }

        if (await AskAsync(connection, route, capability, cancellationToken) is not { } found)
        {
            // It cannot be asked now: it is asked again when it matters, and nothing is kept.
            return Idempotency.Probe;
        }

        await KeepAsync(recipient, found, route, facts, cancellationToken);
        return found;
    }

    /// <summary>Finds it out by asking for a package that cannot exist; keeps nothing.</summary>
    /// <returns>Null: it cannot be asked now.</returns>
    public static async Task<Idempotency?> AskAsync(RecipientConnection connection, DeliveryRoute route, CapabilityView? capability, CancellationToken cancellationToken)
    {
        bool reliable;
        try
        {
            var answer = await IdentifierSearch.AskAsync(connection, route == DeliveryRoute.Transaction ? "Task" : "Bundle", NameBasedUuid.Create(Namespace, connection.Recipient.BaseUrl.AbsoluteUri), cancellationToken);
            reliable = answer.Reliable;
        }
        catch (FhirFormatException)
        {
            reliable = false;
        }
        catch (FhirRequestException e) when ((int?)e.Status is >= 300 and < 500 and not 408 and not 425 and not 429 or 501 || e.Code == RequestCode.NotFhir)
        {
            reliable = false;
        }
        catch (FhirRequestException)
        {
            return null;
        }

        return !reliable ? Idempotency.None
            : route == DeliveryRoute.PostBundle && capability?.Resources.GetValueOrDefault("Bundle") is { ConditionalCreate: true } ? Idempotency.IfNoneExist
            : Idempotency.Probe;
    }

    /// <summary>The character in a kept fact; null when it cannot be read.</summary>
    public static Idempotency? Character(string fact) => Enum.TryParse<Idempotency>(fact.Split(' ')[0], out var character) ? character : null;

    private async Task KeepAsync(RecipientOptions recipient, Idempotency found, DeliveryRoute route, IReadOnlyDictionary<string, string> facts, CancellationToken cancellationToken)
    {
        var fact = $"{found} {route}";
        if (!facts.Says(RecipientFacts.Idempotency, fact))
        {
            await memory.LearnAsync(RecipientFacts.Partner(recipient.Name), RecipientFacts.Idempotency, fact, cancellationToken);
        }
    }

    /// <summary>Of what decides how packages are sent there and asked for; not of the whole statement, in which the date changes with every answer.</summary>
    private static string Digest(RecipientOptions recipient, CapabilityView? capability)
    {
        var text = new StringBuilder().AppendLine(recipient.BaseUrl.AbsoluteUri).AppendLine(capability?.Software).AppendLine(capability?.FhirVersion);
        text.AppendJoin(' ', capability?.SystemInteractions.Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>()).AppendLine();
        foreach (var type in (string[])["Bundle", "Task"])
        {
            if (capability?.Resources.GetValueOrDefault(type) is { } known)
            {
                text.Append(type).Append(known.UpdateCreate).Append(known.ConditionalCreate).Append(known.SearchParameters.Contains("identifier"))
                    .AppendJoin(' ', known.Interactions.Order(StringComparer.Ordinal)).AppendLine();
            }
        }

        return Digest(text.ToString());
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
}
