using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using ReferralService.Ledger;
using ReferralService.Ops.Problems;
using ReferralService.Ops.Reading;

namespace ReferralService.Ops.Bulk;

/// <summary>What somebody wants done to many, before the list is frozen.</summary>
/// <param name="Action"><see cref="OperatorActs.Retry"/> or <see cref="OperatorActs.Cancel"/>.</param>
internal sealed record BulkWish(string Action, string? Recipient, BulkChoice Choice)
{
    private const string WhichOnes = "Say which referrals: ids (1 to 10000 of them), filter (as in GET /api/referrals, at least one), or problem ({\"partner\",\"code\",\"issue\"}); one of the three.";

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <summary>Of the pages' forms: <c>action</c>, <c>recipient</c>, and a group's key, or <c>filter</c> with a list's query.</summary>
    public static (BulkWish? Wish, string? Fault) Read(IFormCollection form, SearchText search)
    {
        var (choice, fault) = ProblemAddress.Read(form) is { } key ? (new BulkChoice.Problem(key), null)
            : form["filter"] is [{ Length: > 0 } filter] ? Filter(QueryHelpers.ParseQuery(filter), search)
            : Ids([.. form["id"].OfType<string>()]);
        return choice is null ? (null, fault) : Of(form["action"], form["recipient"] is [{ Length: > 0 } recipient] ? recipient : null, choice);
    }

    /// <summary>Of the API's body: <c>{"action","recipient"?,"ids"|"filter"|"problem"}</c>; anything else in it is a fault.</summary>
    public static (BulkWish? Wish, string? Fault) Read(ReadOnlyMemory<byte> body, SearchText search)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            return Read(document.RootElement, search);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a member of another kind, or a text that holds half of a surrogate pair.
            return (null, "The body must be a JSON object: {\"action\",\"recipient\"?,\"ids\"|\"filter\"|\"problem\"}.");
        }
    }

    private static (BulkWish? Wish, string? Fault) Read(JsonElement root, SearchText search)
    {
        string? action = null, recipient = null, fault = null;
        var choices = new List<BulkChoice?>();
        foreach (var member in root.EnumerateObject())
        {
            BulkChoice? choice = null;
            switch (member.Name)
            {
                case "action":
                    action = member.Value.GetString();
                    continue;
                case "recipient":
                    recipient = member.Value.GetString();
                    continue;
                case "ids":
                    (choice, fault) = Ids([.. member.Value.EnumerateArray().Select(id => id.GetString() ?? "")]);
                    break;
                case "filter":
                    (choice, fault) = Filter(Texts(member.Value), search);
                    break;
                case "problem":
                    choice = ProblemAddress.Read(Texts(member.Value)) is { } key ? new BulkChoice.Problem(key) : null;
                    break;
                default:
                    return (null, "The body has a member that is not known here; known are: action, recipient, ids, filter, problem.");
            }

            choices.Add(choice);
        }

        return choices is [{ } only] ? Of(action, recipient, only) : (null, fault ?? WhichOnes);
    }

    private static (BulkWish? Wish, string? Fault) Of(string? action, string? recipient, BulkChoice choice) => (action, recipient) switch
    {
        (OperatorActs.Retry, _) or (OperatorActs.Cancel, null) => (new(action, recipient, choice), null),
        (OperatorActs.Cancel, _) => (null, "A cancel goes to no recipient; leave it out."),
        _ => (null, "action must be retry or cancel."),
    };

    private static (BulkChoice? Choice, string? Fault) Ids(IReadOnlyList<string> given)
    {
        var ids = new List<ReferralId>(given.Count);
        foreach (var text in given)
        {
            if (!Guid.TryParseExact(text, "D", out var id))
            {
                return (null, "ids must be referrals' ids, UUIDs.");
            }

            ids.Add(new ReferralId(id));
        }

        return ids.Count is 0 or > BulkAction.MostItems ? (null, WhichOnes) : (new BulkChoice.Ids([.. ids.Distinct()]), null);
    }

    private static (BulkChoice? Choice, string? Fault) Filter(IEnumerable<KeyValuePair<string, StringValues>> given, SearchText search)
    {
        // Where the reader stood in the list is no part of what is in it; a form sends its empty fields too.
        var (query, fault) = ListFilters.Read(given.Where(one => one.Key is not ("cursor" or "limit") && !StringValues.IsNullOrEmpty(one.Value)), search);
        return query is null ? (null, fault)
            : query == new ReferralQuery() ? (null, "A filter must say something: an act on every referral there is would be none that was thought of.")
            : (new BulkChoice.Filter(query), null);
    }

    private static Dictionary<string, StringValues> Texts(JsonElement value)
        => value.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null).ToDictionary(member => member.Name, member => new StringValues(member.Value.GetString()), StringComparer.Ordinal);
}

/// <summary>Which referrals are meant.</summary>
internal abstract record BulkChoice
{
    private BulkChoice() { }

    public sealed record Ids(IReadOnlyList<ReferralId> Given) : BulkChoice;

    public sealed record Problem(ProblemKey Key) : BulkChoice;

    public sealed record Filter(ReferralQuery Query) : BulkChoice;
}
