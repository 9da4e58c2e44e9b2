using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.References;

namespace ReferralService.Gathering;

/// <summary>The hits of one page while it is read: only a page that came whole becomes part of the record.</summary>
/// <remarks>A page that breaks off leaves bytes in the spool that nothing points to; the next attempt starts a new draft.</remarks>
internal sealed class PageDraft(RecordIndex index, PatientCheck patient, Sieve sieve, string type)
{
    private readonly List<FoundReference> _scratch = [];
    private readonly List<StoredBody> _kept = [];
    private readonly List<(string Reference, string Reason)> _dropped = [];

    /// <summary>Hits of the type asked for.</summary>
    public int Found { get; private set; }

    public int Kept => _kept.Count;

    /// <summary>Hits outside the search's own filters: the server did not apply them.</summary>
    public int Unasked { get; private set; }

    public ValueTask TakeAsync(SearchEntry entry, CancellationToken cancellationToken)
    {
        var resource = entry.Resource;

        // Warnings of the server, and what nobody asked to have included.
        if (entry.Mode == SearchEntryMode.Outcome || resource.Type != type) return ValueTask.CompletedTask;

        Found++;
        if (resource.Key is not { } key)
        {
            _dropped.Add(($"{type}?without-id", "no-id"));
            return ValueTask.CompletedTask;
        }

        var why = sieve.WhyNot(ClinicalFacts.Read(resource));
        if (why is SieveReason.OutsideWindow or SieveReason.NotAsked)
        {
            Unasked++;
            return ValueTask.CompletedTask;
        }

        if (why is { } reason)
        {
            _dropped.Add((key.ToString(), reason == SieveReason.Cancelled ? "cancelled" : "entered-in-error"));
            return ValueTask.CompletedTask;
        }

        var body = index.Store(resource, _scratch);
        switch (patient.TieOf(key, body.References))
        {
            case PatientTie.Ours:
                _kept.Add(body);
                break;
            case PatientTie.Other:
                _dropped.Add((key.ToString(), "other-patient"));
                break;
            default:
                _dropped.Add((key.ToString(), "patient-unknown"));
                break;
        }

        return ValueTask.CompletedTask;
    }

    public void Commit(string rule)
    {
        foreach (var body in _kept) index.Add(body, new InclusionReason(rule, null));
        foreach (var (reference, reason) in _dropped) index.Miss(reference, reason, rule);
    }
}
