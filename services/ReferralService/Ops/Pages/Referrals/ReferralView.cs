using ReferralService.Ops.Pages.Parts;
namespace ReferralService.Ops.Pages.Referrals;

/// <summary>Something that a person may do to a referral now, as the ledger's transitions decide it.</summary>
/// <param name="Verb">Last part of the address the form goes to: retry, cancel, forward.</param>
/// <param name="Explains">What happens when it is done.</param>
/// <param name="Recipients">To choose from; empty: none is asked for.</param>
/// <param name="RecipientNeeded">Whether one must be chosen.</param>
/// <param name="Refused">Why it is not possible now; null: it is.</param>
public sealed record ReferralOffer(string Verb, string Label, string Explains, IReadOnlyList<string> Recipients, bool RecipientNeeded, string? Refused);

/// <summary>A line of the timeline, in words.</summary>
/// <param name="Event">Its name in events and in the API.</param>
/// <param name="Sequence">Of a status event; null of a note.</param>
/// <param name="After">How long after the line before; null of the first.</param>
/// <param name="Facts">Names and values in words.</param>
/// <param name="Tables">What was pulled, what is carried: by type.</param>
public sealed record ReferralStep(
    string Symbol, string Tone, string Title, string Event, int? Sequence, DateTimeOffset At, TimeSpan? After, string State, int Attempt, string? Code,
    DateTimeOffset? Next, IReadOnlyList<KeyValuePair<string, string>> Facts, IReadOnlyList<TypeTable> Tables, IReadOnlyList<KeyValuePair<string, string>> Raw);

/// <summary>Numbers by resource type.</summary>
public sealed record TypeTable(string Caption, IReadOnlyList<string> Columns, IReadOnlyList<(string Type, IReadOnlyList<string> Cells)> Rows);

/// <summary>The package as the referral's row knows it.</summary>
public sealed record ReferralPackage(Guid Id, int Version, string Form, string Digest, long Bytes, int Entries, DateTimeOffset? PurgedAt);

/// <summary>Everything the referral's page shows.</summary>
public sealed record ReferralView
{
    public required ReferralLine Line { get; init; }

    /// <summary>Row number: orders it among others.</summary>
    public required long Number { get; init; }

    /// <summary>What was done to it, or seen of it, by hand: the newest.</summary>
    public IReadOnlyList<HandAct> Acts { get; init; } = [];

    public required string State { get; init; }
    public required string? Message { get; init; }

    /// <summary>What the recipient, or what judged its record, took exception to: code and element of the first issue; null where none was told.</summary>
    public required string? Issue { get; init; }

    /// <summary>Of one that is put off: how long; null of any other.</summary>
    public required Lateness? Late { get; init; }
    public required bool CancelPending { get; init; }
    public required DateTimeOffset? Deadline { get; init; }
    public required ReferralPackage? Package { get; init; }

    /// <summary>How the service heard of the order, in words; null: it was submitted.</summary>
    public required string? HeardBy { get; init; }
    public required string? TraceId { get; init; }
    public required IReadOnlyList<ReferralStep> Steps { get; init; }
    public required TypeTable? Contents { get; init; }
    public required IReadOnlyList<ReferralOffer> Offers { get; init; }

    /// <summary>Other referrals of the same order, to other recipients.</summary>
    public required IReadOnlyList<ReferralLine> Siblings { get; init; }

    /// <summary>Whether the caller may do anything.</summary>
    public required bool MayAct { get; init; }

    /// <summary>Whether the caller may be shown the record, having said why.</summary>
    public required bool MayReveal { get; init; }

    /// <summary>What was wrong with a form just sent; null: nothing.</summary>
    public string? Fault { get; init; }
}
