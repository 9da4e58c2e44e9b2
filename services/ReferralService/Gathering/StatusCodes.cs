using System.Collections.Frozen;
using ReferralService.Fhir.Json;

namespace ReferralService.Gathering;

/// <summary>Statuses as strings that are there already: each resource of a record has one, and they are always the same few.</summary>
internal static class StatusCodes
{
    /// <summary>Longer than any of R4's.</summary>
    private const int Longest = 24;

    // Of R4's value sets event-status, request-status, observation-status, diagnostic-report-status, document-reference-status, condition-clinical and the like.
    private static readonly FrozenSet<string> Known = """
        aborted active amended appended arrived available booked cancelled completed confirmed corrected current differential draft entered-in-error final finished
        generated held in-preparation in-progress inactive intended not-done not-taken on-hold onleave partial planned preliminary proposed provisional recurrence
        refuted registered rejected relapse remission resolved revoked stopped superseded suspended triaged unavailable unconfirmed unknown
        """.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Lookup = Known.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The text of the string stood on.</summary>
    public static string Text(ref readonly TokenReader reader)
    {
        var utf8 = reader.ValueSpan;
        if (utf8.Length > Longest || reader.ValueIsEscaped) return reader.GetString()!;
        Span<char> text = stackalloc char[Longest];
        text = text[..System.Text.Encoding.UTF8.GetChars(utf8, text)];
        return Lookup.TryGetValue(text, out var known) ? known : new string(text);
    }
}
