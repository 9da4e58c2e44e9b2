using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace ReferralService.Terminal;

/// <summary>list, show, export: nothing is changed.</summary>
internal static class ReadingVerbs
{
    private const int LongestPage = 200;
    private const int UsualRows = 50;

    public static IEnumerable<Command> All(VerbRun run)
    {
        yield return List(run);
        yield return Show(run);
        yield return Export(run);
    }

    /// <summary>The id of one referral, a UUID: anything else would be another address.</summary>
    public static Argument<Guid> Id(string name = "ID") => new(name) { Description = "the referral's id, as list shows it" };

    /// <summary>The page of the list that begins behind <paramref name="cursor"/>.</summary>
    public static async Task<(ServiceAnswer Answer, IReadOnlyList<JsonElement> Items, string? Next)> PageAsync(
        ServiceLink link, string filters, int limit, string? cursor, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"api/referrals?limit={limit}{filters}{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
        var answer = await link.GetAsync(path, cancellationToken);
        return PlainText.Find(answer.Json, "items") is { ValueKind: JsonValueKind.Array } items
            ? (answer, [.. items.EnumerateArray()], PlainText.Find(answer.Json, "next")?.GetString())
            : throw new VerbException(ExitCodes.Unreachable, "What answers there is not this service. Correct --url.");
    }

    private static Command List(VerbRun run)
    {
        var filters = new ListOptions();
        var limit = Limit($"at most so many, 1 to {LongestPage}; {UsualRows} when not said");
        limit.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int?>() is > LongestPage) given.AddError($"--limit must be 1 to {LongestPage}; export gives all.");
        });
        return run.Verb("list", "The referrals, newest first.", [.. filters.All, limit], async (parsed, link, json, cancelled) =>
        {
            var (answer, items, next) = await PageAsync(link, filters.Query(parsed), parsed.GetValue(limit) ?? UsualRows, null, cancelled);
            if (json)
            {
                await run.Screen.Output.WriteLineAsync(answer.Text);
                return ExitCodes.Done;
            }

            await ReferralText.WriteListAsync(items, run.Screen);
            if (next is not null) await run.Screen.Errors.WriteLineAsync("There are more: --limit, a filter, or export.");
            return ExitCodes.Done;
        });
    }

    private static Command Show(VerbRun run)
    {
        var id = Id();
        return run.Verb("show", "One referral with its timeline.", [id], async (parsed, link, json, cancelled) =>
        {
            var answer = await link.GetAsync($"api/referrals/{parsed.GetValue(id):D}", cancelled);
            if (json) await run.Screen.Output.WriteLineAsync(answer.Text);
            else await ReferralText.WriteOneAsync(answer.Json, run.Screen);
            return ExitCodes.Done;
        });
    }

    private static Command Export(VerbRun run)
    {
        var filters = new ListOptions();
        var limit = Limit("at most so many; all when not said");
        return run.Verb("export", "The list as NDJSON, one referral a line as the API gives it, newest first, page by page.", [.. filters.All, limit], async (parsed, link, _, cancelled) =>
        {
            var left = parsed.GetValue(limit) ?? int.MaxValue;
            var query = filters.Query(parsed);
            string? cursor = null;
            do
            {
                var (_, items, next) = await PageAsync(link, query, Math.Min(LongestPage, left), cursor, cancelled);
                foreach (var item in items)
                {
                    await run.Screen.Output.WriteLineAsync(item.GetRawText());
                }

                await run.Screen.Output.FlushAsync(cancelled);
                left -= items.Count;
                cursor = next;
            }
            while (cursor is not null && left > 0);
            return ExitCodes.Done;
        }, json: false);
    }

    private static Option<int?> Limit(string description)
    {
        var limit = new Option<int?>("--limit") { Description = description, HelpName = "n" };
        limit.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int?>() is < 1) given.AddError("--limit must be 1 or more.");
        });
        return limit;
    }
}
