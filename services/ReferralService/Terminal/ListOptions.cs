using System.CommandLine;

namespace ReferralService.Terminal;

/// <summary>The filters of <c>GET /api/referrals</c>, under the same names. What they may hold the service says.</summary>
internal sealed class ListOptions
{
    private readonly Option<string?> _state = Filter("--state", "received, gathering, packaged, delivering, delivered, held, failed or cancelled");
    private readonly Option<string?> _standing = Filter("--standing", "as the board counts them: under-way, put-off …");
    private readonly Option<string?> _code = Filter("--code", "with this error code, e.g. recipient-unknown");
    private readonly Option<string?> _q = Filter("--q", "found by what is known of it: ids, requisition, recipient, error code, trace id");
    private readonly Option<string?> _ehr = Filter("--ehr", "of this EHR, by its configured name");
    private readonly Option<string?> _recipient = Filter("--recipient", "for this recipient, by its configured name");
    private readonly Option<string?> _since = Filter("--updated-since", "changed since this instant, e.g. 2026-11-23T00:00:00Z");

    public IReadOnlyList<Symbol> All => [_q, _state, _standing, _ehr, _recipient, _code, _since];

    /// <summary>As a query that follows another parameter.</summary>
    public string Query(ParseResult parsed) => string.Concat(
        new[] { ("q", _q), ("state", _state), ("standing", _standing), ("ehr", _ehr), ("recipient", _recipient), ("code", _code), ("updatedSince", _since) }
            .Where(one => parsed.GetValue(one.Item2) is not null)
            .Select(one => $"&{one.Item1}={Uri.EscapeDataString(parsed.GetValue(one.Item2)!)}"));

    private static Option<string?> Filter(string name, string description) => new(name) { Description = description };
}
