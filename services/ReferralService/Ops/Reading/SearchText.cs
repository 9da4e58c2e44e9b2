using System.Text.RegularExpressions;
using ReferralService.Contracts;
using ReferralService.Fhir.Resources;
using ReferralService.Intake;
using ReferralService.Ledger;
using ReferralService.RecipientDirectory;

namespace ReferralService.Ops.Reading;

/// <summary>How the text of the one search box was understood.</summary>
/// <param name="Query">The filters given beside it, with what was looked for. Null: it could not be meant.</param>
/// <param name="As">"error code", "ServiceRequest id or requisition" …</param>
/// <param name="Fault">Why it could not; never repeats what was given.</param>
internal sealed record SearchReading(ReferralQuery? Query, string As, string? Fault)
{
    public static SearchReading Wrong(string fault) => new(null, "", fault);
}

/// <summary>Reads what a person typed who knows one thing of a referral. Its look decides what it is; a word before it (<c>requisition:4711</c>) decides where looks deceive.</summary>
internal sealed partial class SearchText(EhrRegistry ehrs, RecipientRegistry recipients, RequisitionBook requisitions)
{
    private const int MostLength = 300;

    public SearchReading Read(string text, ReferralQuery query)
    {
        var asked = text.Trim();
        return asked.Length switch
        {
            0 => new(query, "", null),
            > MostLength => SearchReading.Wrong($"q is longer than anything that is looked for: {MostLength} characters at most."),
            _ => Worded().Match(asked) is { Success: true } word ? ByWord(word.Groups[1].Value, word.Groups[2].Value, query) : ByLook(asked, query),
        };
    }

    private SearchReading ByWord(string word, string rest, ReferralQuery query) => word.ToLowerInvariant() switch
    {
        "id" => Guid.TryParseExact(rest, "D", out var id)
            ? Found(query, "referral id", new() { Id = new(id) })
            : SearchReading.Wrong("A referral's id is a UUID, as 0198c0de-1234-5678-9abc-def012345678."),
        "order" => Order(rest, query) ?? SearchReading.Wrong("An order is ServiceRequest/{id}, an id, or its URL at a configured EHR."),
        "requisition" => Found(query, "requisition", new() { Requisition = requisitions.Tokens(rest) }),
        "recipient" => RecipientOptions.IsName(rest) ? Recipient(rest, query) : SearchReading.Wrong("A recipient's name is [a-z0-9-]{1,40}."),
        "code" => Coded().IsMatch(rest) ? Code(rest, query) : SearchReading.Wrong("An error code is small letters and hyphens, as recipient-unknown."),
        _ => Traced().Match(rest) is { Success: true } trace ? Found(query, "trace id", new() { TraceId = Hex(trace) }) : SearchReading.Wrong("A trace id is 32 hexadecimal digits."),
    };

    private SearchReading ByLook(string text, ReferralQuery query)
    {
        if (Guid.TryParseExact(text, "D", out var id))
        {
            // Many EHRs' own ids are UUIDs too.
            return Found(query, "referral id or ServiceRequest id", new() { Id = new(id), OrderId = text });
        }

        if (Traced().Match(text) is { Success: true } trace)
        {
            return trace.Groups[2].Success
                ? Found(query, "trace id", new() { TraceId = Hex(trace) })
                : Found(query, "trace id or ServiceRequest id", new() { TraceId = Hex(trace), OrderId = text });
        }

        if (text.Contains('|'))
        {
            return Found(query, "requisition", new() { Requisition = requisitions.Tokens(text) });
        }

        if (text.Contains('/'))
        {
            return Order(text, query) ?? SearchReading.Wrong("This is no ServiceRequest of a configured EHR: it would begin with its BaseUrl, or with ServiceRequest/.");
        }

        return recipients.Find(text) is not null ? Recipient(text, query)
            : ReasonCodes.All.Contains(text) ? Code(text, query)
            : ResourceTypes.IsId(text) ? Found(query, "ServiceRequest id or requisition", new() { OrderId = text, Requisition = requisitions.Tokens(text) })
            : Found(query, "requisition", new() { Requisition = requisitions.Tokens(text) });
    }

    private SearchReading? Order(string text, ReferralQuery query)
    {
        if (ResourceTypes.IsId(text))
        {
            return Found(query, "ServiceRequest id", new() { OrderId = text });
        }

        var found = ehrs.All.Select(ehr => (Ehr: ehr.Name, Order: OrderReference.Read(text, ehr.BaseUrl))).Where(pair => pair.Order is not null).ToList();
        return found switch
        {
            [] => null,
            [var (ehr, order), ..] when text.Contains("://", StringComparison.Ordinal) => query.Ehr is null || query.Ehr == ehr
                ? Found(query with { Ehr = ehr }, $"ServiceRequest id at EHR {ehr}", new() { OrderId = order!.Value.Id })
                : SearchReading.Wrong("This URL is of another EHR than the filter names."),
            [var (_, order), ..] => Found(query, "ServiceRequest id", new() { OrderId = order!.Value.Id }),
        };
    }

    private static SearchReading Recipient(string name, ReferralQuery query) => query.Recipient is null || query.Recipient == name
        ? new(query with { Recipient = name }, "recipient", null)
        : SearchReading.Wrong("q names another recipient than the filter does.");

    private static SearchReading Code(string code, ReferralQuery query) => query.ErrorCode is null || query.ErrorCode == code
        ? new(query with { ErrorCode = code }, "error code", null)
        : SearchReading.Wrong("q names another code than the filter does.");

    private static SearchReading Found(ReferralQuery query, string what, ReferralSearch search) => new(query with { Search = search }, what, null);

    private static string Hex(Match trace) => trace.Groups[1].Value.ToLowerInvariant();

    [GeneratedRegex(@"^(id|order|requisition|recipient|code|trace):\s*(\S.*)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Worded();

    /// <summary>A trace id, or a whole traceparent (then with a second group).</summary>
    [GeneratedRegex("^(?:[0-9a-f]{2}-)?([0-9a-f]{32})(-[0-9a-f]{16}-[0-9a-f]{2})?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Traced();

    [GeneratedRegex("^[a-z0-9-]{1,40}$")]
    private static partial Regex Coded();
}
