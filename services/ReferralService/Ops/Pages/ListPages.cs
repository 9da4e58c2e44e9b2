using ReferralService.Intake;
using ReferralService.Ledger;
using ReferralService.Ops.Reading;
using ReferralService.RecipientDirectory;

namespace ReferralService.Ops.Pages;

/// <summary><c>/referrals</c>: the API's list with its filters, for people.</summary>
internal sealed class ListPages(ReferralBook book, PartnerPauses pauses, SearchText search, EhrRegistry ehrs, RecipientRegistry recipients)
{
    public async Task<IResult> ListAsync(HttpContext context)
    {
        // A form sends its empty fields too.
        var given = context.Request.Query.Where(pair => pair.Value.Any(value => value?.Length > 0)).ToList();
        var asked = given.Where(pair => pair.Value.Count == 1).ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal);
        var (query, fault) = ListFilters.Read(given, search);
        var rows = query is null ? [] : await book.ListAsync(query, context.RequestAborted);
        var paused = await pauses.AllAsync(context.RequestAborted);
        var view = new ListView
        {
            Lines = [.. rows.Select(row => ReferralLine.Of(row, paused))],
            Asked = asked,
            SearchedAs = query is null ? "" : search.Read(asked.GetValueOrDefault("q", ""), query).As,
            Fault = fault,
            States = [.. Enum.GetValues<ReferralState>().Select(state => state.Name())],
            Ehrs = Offered(ehrs.All.Select(ehr => ehr.Name), asked, "ehr"),
            Recipients = Offered(recipients.All.Select(recipient => recipient.Name), asked, "recipient"),
            Next = rows.Length > 0 && rows.Length == query?.Limit ? ListCursor.Write(rows[^1].Number) : null,
        };
        return Page.Of<ReferralList>(nameof(ReferralList.View), view, fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    /// <summary>Those of the settings, and the one asked for: it may have been taken out of them.</summary>
    private static IReadOnlyList<string> Offered(IEnumerable<string> configured, Dictionary<string, string> asked, string name)
        => [.. configured.Concat(asked.TryGetValue(name, out var one) ? [one] : []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
