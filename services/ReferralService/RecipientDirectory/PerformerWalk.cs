using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.RecipientDirectory;

/// <summary>Reads a resource at the EHR the order came from; null when it is not there or not for us to see.</summary>
/// <exception cref="Fhir.Errors.FhirRequestException">The EHR could not be asked.</exception>
internal delegate Task<RawResource?> ReadAtEhr(ResourceKey key, CancellationToken cancellationToken);

/// <summary>Walks from one performer to the recipients it may mean, from the strongest evidence to the weakest, and stops at the first that says anything:
/// the literal reference, Reference.identifier, the identifiers of the performer itself, then the same for those it stands for, and once for the organization above.</summary>
/// <remarks>A reference to another server is compared, never followed.</remarks>
internal sealed class PerformerWalk(RecipientIndex index, RawResource order, string ehrBase, ReadAtEhr read)
{
    private const int MostReads = 50;

    /// <summary>CareTeam or role, organization, the one above it, and nothing beyond: a circle ends here.</summary>
    private const int MostSteps = 4;

    private int _reads;

    public async Task<IReadOnlyCollection<string>> RecipientsAsync(ReferenceView performer, CancellationToken cancellationToken)
    {
        List<Step> steps = [new(performer, Above: false)];
        for (var taken = 0; taken < MostSteps && steps.Count > 0; taken++)
        {
            if (Found(steps.Select(s => s.Reference.Reference is { } literal ? index.Find(literal, ehrBase) : null)) is { Count: > 0 } byReference)
            {
                return byReference;
            }

            if (Found(steps.Select(s => s.Reference.Identifier is { } identifier ? index.Find(identifier) : null)) is { Count: > 0 } byIdentifier)
            {
                return byIdentifier;
            }

            var known = new List<(PerformerView View, bool Above)>();
            foreach (var step in steps)
            {
                if (await ReadAsync(step.Reference.Reference, cancellationToken) is { } resource)
                {
                    known.Add((PerformerView.Read(resource), step.Above));
                }
            }

            if (Found(known.SelectMany(k => k.View.Identifier).Select(i => index.Find(i))) is { Count: > 0 } byWhoItIs)
            {
                return byWhoItIs;
            }

            steps = [.. known.SelectMany(k => Next(k.View, k.Above))];
        }

        return [];
    }

    private static IEnumerable<Step> Next(PerformerView view, bool above)
    {
        if (above)
        {
            return [];
        }

        var next = view.StandsFor.Select(r => new Step(r, Above: false));
        return view.PartOf is { } parent ? next.Append(new Step(parent, Above: true)) : next;
    }

    private async Task<RawResource?> ReadAsync(FhirReference? reference, CancellationToken cancellationToken)
    {
        if (reference is not { Id: { } id } literal)
        {
            return null;
        }

        if (literal.Kind == ReferenceKind.Contained)
        {
            return ContainedReading.Find(order, id);
        }

        var here = literal.Key is { } key && literal.AbsoluteUrl(ehrBase) is { } url
            && RecipientMatch.Absolute(url) == RecipientMatch.Absolute($"{ehrBase}/{key}");
        return here && _reads++ < MostReads ? await read(literal.Key!.Value, cancellationToken) : null;
    }

    private static HashSet<string> Found(IEnumerable<string?> names) => [.. names.OfType<string>()];

    /// <param name="Above">Reached by Organization.partOf: nothing further is followed.</param>
    private readonly record struct Step(ReferenceView Reference, bool Above);
}
