using System.Globalization;
using System.Text.Json;

namespace ReferralService.Terminal;

/// <summary>Referrals as the API answers them, for a person to read.</summary>
internal static class ReferralText
{
    private static readonly string[] Resting = ["delivered", "held", "failed", "cancelled"];

    public static bool Rests(JsonElement referral) => Resting.Contains(PlainText.Of(referral, "state"));

    public static Task WriteListAsync(IEnumerable<JsonElement> referrals, Screen screen)
    {
        var table = new TextTable("ID", "STATE", "EHR", "ORDER", "RECIPIENT", "TRIES", "UPDATED", "NEXT", "REASON");
        foreach (var row in referrals)
        {
            var state = PlainText.Of(row, "state");
            table.Add(
                (PlainText.Of(row, "id"), Ink.Plain), (state, Screen.OfState(state)), (PlainText.Of(row, "ehr"), Ink.Plain), (PlainText.Of(row, "serviceRequest"), Ink.Plain),
                (PlainText.Of(row, "recipient"), Ink.Plain), (PlainText.Of(row, "attempt"), Ink.Plain), (PlainText.Instant(row, "updatedAt"), Ink.Plain),
                (PlainText.Instant(row, "nextAttemptAt"), Ink.Plain), (Reason(row), Ink.Plain));
        }

        return table.WriteAsync(screen);
    }

    public static async Task WriteOneAsync(JsonElement referral, Screen screen)
    {
        var state = PlainText.Of(referral, "state");
        await LineAsync("referral", PlainText.Of(referral, "id"));
        await LineAsync("state", screen.Inked(state, Screen.OfState(state)) + (PlainText.Find(referral, "cancelPending") is { ValueKind: JsonValueKind.True } ? " (cancel pending)" : ""));
        await LineAsync("ehr", PlainText.Of(referral, "ehr"));
        await LineAsync("order", PlainText.Of(referral, "serviceRequest"));
        await LineAsync("recipient", PlainText.Of(referral, "recipient"));
        await LineAsync("tries", PlainText.Of(referral, "attempt"));
        await LineAsync("next", PlainText.Instant(referral, "nextAttemptAt"));
        if (PlainText.Find(referral, "package") is { } package)
        {
            var bytes = PlainText.Find(package, "bytes") is { } told && told.TryGetInt64(out var count) ? PlainText.Bytes(count) : PlainText.None;
            await LineAsync("package", $"{PlainText.Of(package, "id")} v{PlainText.Of(package, "version")} {PlainText.Of(package, "form")}, {PlainText.Of(package, "entries")} entries, {bytes}");
            await LineAsync("digest", PlainText.Of(package, "digest"));
        }

        if (PlainText.Find(referral, "error") is { } error)
        {
            await LineAsync("reason", $"{PlainText.Of(error, "code")}: {PlainText.Of(error, "message")}");
        }

        await screen.Output.WriteLineAsync("timeline");
        if (PlainText.Find(referral, "timeline") is { ValueKind: JsonValueKind.Array } timeline)
        {
            foreach (var entry in timeline.EnumerateArray())
            {
                await screen.Output.WriteLineAsync(TimelineLine(entry, screen));
            }
        }

        Task LineAsync(string name, string text) => screen.Output.WriteLineAsync($"{name,-9}  {text}");
    }

    public static string TimelineLine(JsonElement entry, Screen screen)
    {
        var state = PlainText.Of(entry, "state");
        var parts = new List<string> { PlainText.Instant(entry, "at"), $"{PlainText.Of(entry, "sequence"),3}", $"{PlainText.Of(entry, "event"),-12}", screen.Inked(state, Screen.OfState(state)) };
        if (PlainText.Of(entry, "errorCode") is not PlainText.None and var code) parts.Add(code);
        if (PlainText.Instant(entry, "nextAttemptAt") is not PlainText.None and var next && next != PlainText.Instant(entry, "at")) parts.Add($"next {next}");
        if (PlainText.Find(entry, "detail") is { ValueKind: JsonValueKind.Object } detail)
        {
            parts.Add(string.Join(' ', detail.EnumerateObject().Select(member => $"{PlainText.Of(member.Name, 60)}={PlainText.Of(member.Value.ToString(), 120)}")));
        }

        return string.Join("  ", parts).TrimEnd();
    }

    /// <summary>The change that a watcher of many is told.</summary>
    public static string ChangeLine(JsonElement referral, Screen screen)
    {
        var state = PlainText.Of(referral, "state");
        return string.Create(CultureInfo.InvariantCulture,
            $"{PlainText.Instant(referral, "updatedAt")}  {PlainText.Of(referral, "id")}  {screen.Inked(state, Screen.OfState(state)),-10}  {PlainText.Of(referral, "serviceRequest")}  {PlainText.Of(referral, "recipient")}  {Reason(referral)}").TrimEnd(' ', '-');
    }

    public static string Reason(JsonElement referral) => PlainText.Find(referral, "error") is { } error ? PlainText.Of(error, "code") : PlainText.None;

    /// <summary>Of what rests: how that is said by an exit code.</summary>
    public static int ExitCode(string state) => state switch
    {
        "failed" => ExitCodes.RestsFailed,
        "held" => ExitCodes.RestsHeld,
        "cancelled" => ExitCodes.RestsCancelled,
        _ => ExitCodes.Done,
    };
}
