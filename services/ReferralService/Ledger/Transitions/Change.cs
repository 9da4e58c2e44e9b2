using System.Collections.Immutable;
using ReferralService.Fhir.Bundles;

namespace ReferralService.Ledger.Transitions;

/// <summary>Builds one <see cref="Transition"/>: the next row, its events in sequence, its notes. A function of what it is given; ids of events are names of (referral, sequence, instant).</summary>
internal sealed class Change(Referral before, DateTimeOffset now)
{
    private readonly ImmutableArray<TimelineEntry>.Builder _entries = ImmutableArray.CreateBuilder<TimelineEntry>();
    private Referral _after = before with { UpdatedAt = now, SetAsideFor = null };

    public Change To(Func<Referral, Referral> next)
    {
        _after = next(_after);
        return this;
    }

    /// <summary>A status event: it gets the next sequence and shows the row as it stands at this point.</summary>
    public Change Event(string name, IReadOnlyDictionary<string, string>? detail = null)
    {
        var sequence = _after.Sequence + 1;
        _after = _after with { Sequence = sequence };
        var id = NameBasedUuid.Create(_after.Id.Value, $"event/{sequence}/{now.UtcTicks}");
        _entries.Add(Line(name, sequence, id, detail));
        return this;
    }

    /// <summary>A line for people that is no event.</summary>
    public Change Note(string code, IReadOnlyDictionary<string, string>? detail = null)
    {
        _entries.Add(Line(code, null, null, detail));
        return this;
    }

    public Transition Done() => new(_after, _entries.ToImmutable());

    private TimelineEntry Line(string name, int? sequence, Guid? id, IReadOnlyDictionary<string, string>? detail)
    {
        var at = _after;
        return new(
            sequence, id, name, now, at.State, at.Recipient, at.Attempt, at.PackageId, at.PackageDigest,
            at.PackageId is null ? null : at.PackageEntries, at.ErrorCode, at.State.IsResting() ? null : at.DueAt, detail);
    }
}
