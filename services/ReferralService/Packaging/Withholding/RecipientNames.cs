using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;

namespace ReferralService.Packaging.Withholding;

/// <summary>All that means the recipient: what the settings say, and what the record tells of those: whom a role stands for, and their identifiers.</summary>
/// <remarks>
/// A performer of the order is the recipient only if one of its names is among the settings': several performers are alternatives, and
/// a referral may go to somebody else than the order says.
/// </remarks>
internal sealed class RecipientNames
{
    private readonly EhrAddress _ehr;
    private readonly CarriedBodies _bodies;
    private readonly Dictionary<string, GatheredResource> _actors;

    private RecipientNames(GatheredRecord record, EhrAddress ehr)
    {
        (_ehr, _bodies) = (ehr, new CarriedBodies(record));
        _actors = record.Resources
            .Where(r => r.Key.Type is "CareTeam" or "HealthcareService" or "Organization" or "Practitioner" or "PractitionerRole")
            .ToDictionary(r => record.SourceUrl(r), StringComparer.Ordinal);
    }

    /// <param name="written">As configured: <c>Type/id</c>, absolute URLs, <c>system|value</c>.</param>
    /// <returns>Absolute unversioned URLs and <c>system|value</c>.</returns>
    public static HashSet<string> Of(GatheredRecord record, EhrAddress ehr, IEnumerable<string> written)
    {
        var names = new RecipientNames(record, ehr);
        var known = DisclosureScene.Keys(ehr, written).ToHashSet(StringComparer.Ordinal);
        foreach (var performer in record.Order.View.Performer)
        {
            var its = names.Around(performer);
            if (its.Overlaps(known)) known.UnionWith(its);
        }

        foreach (string url in known.ToList()) known.UnionWith(names.IdentifiersOf(url));
        return known;
    }

    /// <summary>The organizations above those that the recipient is known by, as far as the record tells: who denies one of them may well mean its parts.</summary>
    /// <param name="known">What <see cref="Of"/> gave.</param>
    public static HashSet<string> Above(GatheredRecord record, EhrAddress ehr, IEnumerable<string> known)
    {
        var names = new RecipientNames(record, ehr);
        var above = new HashSet<string>(StringComparer.Ordinal);
        var next = new Queue<string>(known);
        while (next.TryDequeue(out string? url))
        {
            if (names.Read(url)?.PartOf is not { } parent) continue;
            if (Key(parent.Identifier) is { } identifier) above.Add(identifier);
            if (parent.Reference is not { } literal || ehr.UrlOf(literal) is not { } its || !above.Add(its)) continue;
            above.UnionWith(names.IdentifiersOf(its));
            next.Enqueue(its);
        }

        return above;
    }

    /// <summary>A performer, those it stands for, and the identifiers of all of them. Not the organization above: who permits that one may mean another house.</summary>
    private HashSet<string> Around(ReferenceView performer)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var next = new Queue<ReferenceView>([performer]);
        while (next.TryDequeue(out var reference))
        {
            if (Key(reference.Identifier) is { } identifier) names.Add(identifier);
            if (reference.Reference is not { } literal || _ehr.UrlOf(literal) is not { } url || !names.Add(url)) continue;
            if (Read(url) is not { } view) continue;
            names.UnionWith(view.Identifier.Select(i => Key(i)).OfType<string>());
            foreach (var other in view.StandsFor) next.Enqueue(other);
        }

        return names;
    }

    private IEnumerable<string> IdentifiersOf(string url) => Read(url)?.Identifier.Select(i => Key(i)).OfType<string>() ?? [];

    /// <summary>Null when it is not in the record, or cannot be read as such: then it tells nothing.</summary>
    private PerformerView? Read(string url)
    {
        if (!_actors.TryGetValue(url, out var actor)) return null;
        try
        {
            return PerformerView.Read(RawResource.Read(_bodies.ReadThin(actor)));
        }
        catch (FhirFormatException)
        {
            return null;
        }
    }

    private static string? Key(FhirIdentifier? identifier) => identifier is { System: { Length: > 0 } system, Value: { Length: > 0 } value } ? $"{system}|{value}" : null;
}
