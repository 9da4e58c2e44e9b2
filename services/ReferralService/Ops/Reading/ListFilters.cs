using System.Globalization;
using ReferralService.Ledger;

namespace ReferralService.Ops.Reading;

/// <summary>The query of <c>GET /api/referrals</c>, read strictly: a misspelt filter must not list everything.</summary>
internal static class ListFilters
{
    private const int MostRows = 200;
    private const int MostNameLength = 40;

    /// <returns>The query, or null and what is wrong.</returns>
    public static (ReferralQuery? Query, string? Fault) Read(IQueryCollection parameters)
    {
        var query = new ReferralQuery();
        foreach (var (name, values) in parameters)
        {
            if (values is not [{ } value])
            {
                return (null, "Each filter may be given once.");
            }

            var next = Apply(query, name, value);
            if (next.Fault is not null)
            {
                return next;
            }

            query = next.Query!;
        }

        return (query, null);
    }

    private static (ReferralQuery? Query, string? Fault) Apply(ReferralQuery query, string name, string value) => name switch
    {
        "state" => ReferralStates.Parse(value) is { } state
            ? (query with { State = state }, null)
            : (null, $"state must be one of {string.Join(", ", Enum.GetValues<ReferralState>().Select(known => known.Name()))}."),
        "ehr" => IsName(value) ? (query with { Ehr = value }, null) : (null, "ehr must be a configured name: [a-z0-9-]{1,40}."),
        "recipient" => IsName(value) ? (query with { Recipient = value }, null) : (null, "recipient must be a configured name: [a-z0-9-]{1,40}."),
        "updatedSince" => Instant(value) is { } since
            ? (query with { UpdatedSince = since }, null)
            : (null, "updatedSince must be an instant such as 2026-11-23T00:00:00Z (a + of an offset is written %2B)."),
        "limit" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MostRows
            ? (query with { Limit = limit }, null)
            : (null, $"limit must be a whole number from 1 to {MostRows}."),
        "cursor" => ListCursor.Read(value) is { } before
            ? (query with { Before = before }, null)
            : (null, "cursor must be the next of an earlier page; to begin at the newest leave it out."),
        _ => (null, "Only state, ehr, recipient, updatedSince, limit and cursor may be given."),
    };

    private static bool IsName(string value)
        => value.Length is >= 1 and <= MostNameLength && value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static DateTimeOffset? Instant(string value)
        => DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? instant
            : null;
}
