using System.CommandLine;

namespace ReferralService.Terminal;

/// <summary>submit, preview, retry, cancel, pause, resume.</summary>
internal static class ActingVerbs
{
    public static IEnumerable<Command> All(VerbRun run)
    {
        yield return Order(run, "preview", "What would be sent for an order, and what not: no referral is made and nothing is sent; who asked is kept in the record of what was done by hand. Needs a key of role privacy.", async (answer, screen) => await ManifestText.WriteAsync(answer.Json, screen), "api/referrals/preview");
        yield return Order(run, "submit", "Makes a referral of an order, or joins the one there is.", WriteStateAsync, "api/referrals");
        yield return Retry(run);
        yield return Cancel(run);
        yield return Switch(run, "pause", "Stops all work for a partner, at all replicas, until it is resumed.");
        yield return Switch(run, "resume", "Lets a paused partner go on.");
    }

    private static Command Order(VerbRun run, string name, string description, Func<ServiceAnswer, Screen, Task> write, string path)
    {
        var order = new Argument<string>("ORDER") { Description = "ServiceRequest/ID, its id, or its URL at the EHR" };
        var ehr = new Option<string>("--ehr") { Description = "the EHR, by its configured name", Required = true };
        var recipient = Recipient("to this recipient, by its configured name; else by the order");
        return run.Verb(name, description, [order, ehr, recipient], async (parsed, link, json, cancelled) =>
        {
            var body = new Dictionary<string, string?> { ["ehr"] = parsed.GetValue(ehr), ["serviceRequest"] = parsed.GetValue(order), ["recipient"] = parsed.GetValue(recipient) };
            var answer = await link.PostAsync(path, body, cancelled, name == "preview" ? ServiceLink.Long : null);
            if (json) await run.Screen.Output.WriteLineAsync(answer.Text);
            else await write(answer, run.Screen);
            return ExitCodes.Done;
        });
    }

    private static Command Retry(VerbRun run)
    {
        var id = ReadingVerbs.Id();
        var recipient = Recipient("to this recipient instead, by its configured name");
        return run.Verb("retry", "Due now; a failed one gets a new deadline.", [id, recipient], async (parsed, link, json, cancelled) =>
            await SayAsync(await link.PostAsync($"api/referrals/{parsed.GetValue(id):D}/retry", new Dictionary<string, string?> { ["recipient"] = parsed.GetValue(recipient) }, cancelled), run.Screen, json));
    }

    private static Command Cancel(VerbRun run)
    {
        var id = ReadingVerbs.Id();
        return run.Verb("cancel", "Cancels a referral; with an attempt under way it may still be delivered.", [id], async (parsed, link, json, cancelled) =>
            await SayAsync(await link.PostAsync($"api/referrals/{parsed.GetValue(id):D}/cancel", null, cancelled), run.Screen, json));
    }

    private static Command Switch(VerbRun run, string name, string description)
    {
        var partner = new Argument<string>("PARTNER") { Description = "its configured name" };
        var kind = new Option<string?>("--kind") { Description = "ehr or recipient, where both have the name" };
        kind.AcceptOnlyFromAmong("ehr", "recipient");
        return run.Verb(name, description, [partner, kind], async (parsed, link, json, cancelled) =>
        {
            var query = parsed.GetValue(kind) is { } which ? $"?kind={which}" : "";
            var answer = await link.PostAsync($"api/partners/{Uri.EscapeDataString(parsed.GetValue(partner)!)}/{name}{query}", null, cancelled);
            if (json) await run.Screen.Output.WriteLineAsync(answer.Text);
            else await run.Screen.Output.WriteLineAsync($"{PlainText.Of(answer.Json, "name")} {(name == "pause" ? "paused" : "resumed")}");
            return ExitCodes.Done;
        });
    }

    private static async Task<int> SayAsync(ServiceAnswer answer, Screen screen, bool json)
    {
        if (json) await screen.Output.WriteLineAsync(answer.Text);
        else await WriteStateAsync(answer, screen);
        return ExitCodes.Done;
    }

    private static Task WriteStateAsync(ServiceAnswer answer, Screen screen)
    {
        var state = PlainText.Of(answer.Json, "state");
        return screen.Output.WriteLineAsync($"{PlainText.Of(answer.Json, "id")}  {screen.Inked(state, Screen.OfState(state))}");
    }

    private static Option<string?> Recipient(string description) => new("--recipient") { Description = description };
}
