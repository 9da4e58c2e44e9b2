using System.Globalization;
using Microsoft.Extensions.Primitives;
using ReferralService.Ledger;

namespace ReferralService.Ops.Reading;

/// <summary>The query of <c>GET /api/referrals</c>, read strictly: a misspelt filter must not list everything.</summary>
internal static class ListFilters
{
    private const int MostRows = 200;
    private const int MostNameLength = 40;

    /// <param name="search">Reads <c>q</c>; where there is none, there is no <c>q</c>.</param>
    /// <returns>The query, or null and what is wrong.</returns>
    public static (ReferralQuery? Query, string? Fault) Read(IEnumerable<KeyValuePair<string, StringValues>> parameters, SearchText? search = null)
    {
        var (query, text) = (new ReferralQuery(), "");
        foreach (var (name, values) in parameters)
        {
            if (values is not [{ } value])
            {
                return (null, "Each filter may be given once.");
            }

            if (name == "q" && search is not null)
            {
                text = value;
                continue;
            }

            var next = Apply(query, name, value);
            if (next.Fault is not null)
            {
                return next;
            }

            query = next.Query!;
        }

        // Last, because it says which of the filters it does not go with.
        return search?.Read(text, query) is { } reading ? (reading.Query, reading.Fault) : (query, null);
    }

    private static (ReferralQuery? Query, string? Fault) Apply(ReferralQuery query, string name, string value) => name switch
    {
        "state" => ReferralStates.Parse(value) is { } state
            ? (query with { State = state }, null)
            : (null, $"state must be one of {string.Join(", ", Enum.GetValues<ReferralState>().Select(known => known.Name()))}."),
        "standing" => ReferralStandings.Parse(value) is { } standing
            ? (query with { Standing = standing }, null)
            : (null, $"standing must be one of {string.Join(", ", Enum.GetValues<ReferralStanding>().Select(known => known.Name()))}."),
        "ehr" => IsName(value) ? (query with { Ehr = value }, null) : (null, "ehr must be a configured name: [a-z0-9-]{1,40}."),
        "recipient" => IsName(value) ? (query with { Recipient = value }, null) : (null, "recipient must be a configured name: [a-z0-9-]{1,40}."),
        "code" => IsName(value) ? (query with { ErrorCode = value }, null) : (null, "code must be an error code: [a-z0-9-]{1,40}."),
        "updatedSince" => Instant(value) is { } since
            ? (query with { UpdatedSince = since }, null)
            : (null, "updatedSince must be an instant such as 2026-11-23T00:00:00Z (a + of an offset is written %2B)."),
        "limit" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MostRows
            ? (query with { Limit = limit }, null)
            : (null, $"limit must be a whole number from 1 to {MostRows}."),
        "cursor" => ListCursor.Read(value) is { } before
            ? (query with { Before = before }, null)
            : (null, "cursor must be the next of an earlier page; to begin at the newest leave it out."),
        _ => (null, "Only q, state, standing, ehr, recipient, code, updatedSince, limit and cursor may be given."),
    };

    private static bool IsName(string value)
        => value.Length is >= 1 and <= MostNameLength && value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static DateTimeOffset? Instant(string value)
        => DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? instant
            : null;
}
