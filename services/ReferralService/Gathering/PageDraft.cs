using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>The hits of one page while it is read: only a page that came whole becomes part of the record.</summary>
/// <remarks>A page that breaks off gives its bytes in the spool back; the next attempt starts a new draft.</remarks>
internal sealed class PageDraft(RecordIndex index, PatientCheck patient, PlannedSearch search, string rule, SearchQuery query) : IDisposable
{
    private readonly InclusionReason _reason = new(rule, null);
    private readonly SpoolDraft _spooled = index.Draft();
    private readonly List<FoundReference> _scratch = [];
    private readonly List<GatheredResource> _kept = [];
    private HashSet<GatheringGap>? _dropped;

    /// <summary>Hits of the type asked for.</summary>
    public int Found { get; private set; }

    public int Kept => _kept.Count;

    /// <summary>A hit is another patient's, or may be.</summary>
    public bool OthersSeen { get; private set; }

    /// <summary>A hit cannot be read safely.</summary>
    public bool Unreadable { get; private set; }

    /// <summary>Takes a long run of an entry still being read.</summary>
    /// <exception cref="RecordLimitException">The record grew too large.</exception>
    public long Keep(ReadOnlySpan<byte> run) => _spooled.Append(run);

    /// <exception cref="RecordLimitException">The record grew too large.</exception>
    public ValueTask TakeAsync(SearchEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Fault is not null)
        {
            // One of another type was only included; one that does not even say its type counts as what was asked for.
            if (entry.Type is { } type && type != search.Type) return ValueTask.CompletedTask;
            Found++;
            Unreadable = true;
            Drop(entry.Key?.ToString() ?? $"{search.Type}?{rule}", GapReason.NotFhir);
            return ValueTask.CompletedTask;
        }

        if (!Take(entry.Mode, entry.Resource)) _spooled.Drop(entry.Resource.Cuts);
        return ValueTask.CompletedTask;
    }

    /// <returns>Whether its bytes are in the spool now.</returns>
    private bool Take(SearchEntryMode mode, RawResource resource)
    {
        if (mode == SearchEntryMode.Outcome || resource.Type == "OperationOutcome")
        {
            // A warning is the server's own business; an error amid results says that some are missing.
            if (OperationOutcomeReader.ReadIfAny(resource.Utf8).Any(i => i.Severity is "error" or "fatal")) Drop($"{search.Type}?{rule}", GapReason.IncompleteAnswer);
        }
        else if (resource.Type == search.Type)
        {
            Found++;
            if (resource.Key is not { } key) Drop($"{search.Type}?{rule}", resource.IdIsUnusable ? GapReason.UnusableId : GapReason.NoId);
            else if ((query.Sieve ?? search.Sieve).WhyNot(ClinicalFacts.Read(resource)) is { } why)
            {
                // What was not wanted is one row for the search, whoever did the filtering.
                if (!why.Asked && search.LeftOut is { } leftOut) (_dropped ??= []).Add(leftOut);
                else Drop(key.ToString(), why.Code);
            }
            else
            {
                var signs = index.Scan(resource, _scratch);
                var tie = patient.TieOf(key, _scratch);

                // What is not this patient's is never kept: a server that ignores the filter may send everybody's.
                if (tie == PatientTie.Ours)
                {
                    _kept.Add(index.StoreScanned(resource, _scratch, signs, _spooled, _reason));
                    return true;
                }

                OthersSeen = true;
                Drop(key.ToString(), tie == PatientTie.Other ? GapReason.OtherPatient : GapReason.PatientUnknown);
            }
        }

        // Else: something nobody asked to have included.
        return false;
    }

    public void Commit()
    {
        foreach (var body in _kept) index.Add(body, _reason, _spooled);
        foreach (var gap in _dropped ?? []) index.Miss(gap);
    }

    public void Dispose() => _spooled.Dispose();

    private void Drop(string reference, string reason) => (_dropped ??= []).Add(new GatheringGap(reference, reason, rule));
}
