using System.Globalization;
using System.Text.Json.Serialization;
using ReferralService.Intake.Access;
using ReferralService.Intake.Answers;
using ReferralService.Ledger;

namespace ReferralService.Ops.Reading;

/// <summary>One page of <c>GET /api/actions</c>.</summary>
/// <param name="Next">Cursor of the next page; null on the last.</param>
internal sealed record ActionPage(IReadOnlyList<ActionAnswer> Items, string? Next);

/// <summary>One act by hand; what was not part of it is left out.</summary>
/// <param name="Ticket">Shown to role privacy alone: it may be a number of the patient's.</param>
/// <param name="Outcome">done, or the code of why it was not.</param>
internal sealed record ActionAnswer(
    DateTimeOffset At, string Actor, string Role, string Action,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? Referral,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Partner,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? Bulk,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Ticket,
    string Outcome);

/// <summary><c>GET /api/actions</c>: what was done by hand, newest first.</summary>
internal sealed class ActionReads(OperatorActions actions)
{
    private const int MostRows = 200;
    private const int LongestActor = 256;

    public async Task ListAsync(HttpContext context)
    {
        var (query, fault) = Read(context.Request.Query);
        if (query is null)
        {
            await RefusalAnswer.WriteAsync(context, Refusal.BadRequest("value", fault!));
            return;
        }

        var rows = await actions.ListAsync(query, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(
            new ActionPage([.. rows.Select(row => Answer(row, Caller.MayReadRecords(context)))], Next(rows, query)), OpsJson.Default.ActionPage, cancellationToken: context.RequestAborted);
    }

    /// <summary>Cursor of the page behind these rows; null when they are the last.</summary>
    public static string? Next(IReadOnlyList<OperatorAction> rows, OperatorActionQuery query) => rows.Count == query.Limit ? ListCursor.Write(rows[^1].Number) : null;

    /// <returns>The query, or null and what is wrong.</returns>
    public static (OperatorActionQuery? Query, string? Fault) Read(IQueryCollection parameters)
    {
        var query = new OperatorActionQuery();
        foreach (var (name, values) in parameters)
        {
            if (values is not [{ } value])
            {
                return (null, "Each filter may be given once.");
            }

            // A form sends its empty fields too.
            if (value.Length == 0)
            {
                continue;
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

    private static (OperatorActionQuery? Query, string? Fault) Apply(OperatorActionQuery query, string name, string value) => name switch
    {
        "referral" => Guid.TryParseExact(value, "D", out var id) ? (query with { Referral = new ReferralId(id) }, null) : (null, "referral must be a referral's id, a UUID."),
        "actor" => value.Length <= LongestActor ? (query with { Actor = value }, null) : (null, "actor is the name of a key or of an account."),
        "limit" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MostRows
            ? (query with { Limit = limit }, null)
            : (null, $"limit must be a whole number from 1 to {MostRows}."),
        "cursor" => ListCursor.Read(value) is { } before
            ? (query with { Before = before }, null)
            : (null, "cursor must be the next of an earlier page; to begin at the newest leave it out."),
        _ => (null, "Only referral, actor, limit and cursor may be given."),
    };

    private static ActionAnswer Answer(OperatorAction act, bool withTicket)
        => new(act.At, act.Actor, act.Role, act.Action, act.Referral?.Value, act.Partner, act.Bulk, act.Reason, withTicket ? act.Ticket : null, act.Outcome);
}
