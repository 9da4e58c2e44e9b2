using System.CommandLine;
using System.Text.Json;

namespace ReferralService.Terminal;

/// <summary>health: is the service ready? For whoever watches the process beside it and has no other program to ask with: a container's health check.</summary>
internal static class HealthVerb
{
    public static Command Of(VerbRun run) => run.Verb("health", "Whether the service is ready to take work; needs no key. Exit code 0: it is.", [], async (_, link, json, cancelled) =>
    {
        var answer = await link.GetAsync("health/ready", cancelled);
        await run.Screen.Output.WriteLineAsync(json ? answer.Text : Line(answer.Json));
        return ExitCodes.Done;
    });

    /// <summary>Of a report such as <c>/health/ready</c> gives: its status, and the checks that are not ok with their codes.</summary>
    public static string Line(JsonElement report)
    {
        var wrong = PlainText.Find(report, "checks") is { ValueKind: JsonValueKind.Array } checks
            ? checks.EnumerateArray().Where(check => PlainText.Of(check, "status") != "ok").Select(check => $"{PlainText.Of(check, "name")}: {PlainText.Of(check, "code")}")
            : [];
        return string.Join(" · ", [PlainText.Of(report, "status"), .. wrong]);
    }
}
