using System.Globalization;
using ReferralService.Ledger;
using ReferralService.Ops.Pages.Parts;

namespace ReferralService.Ops.Pages.Referrals;

/// <summary>The timeline in words: what the ledger wrote, nothing guessed.</summary>
internal static class ReferralSteps
{
    private static readonly Dictionary<string, (string Symbol, string Tone, string Title)> Words = new(StringComparer.Ordinal)
    {
        ["received"] = ("●", "going", "Received"),
        ["gathered"] = ("◔", "going", "Record gathered"),
        ["packaged"] = ("◑", "going", "Package made"),
        ["attempt"] = ("→", "going", "Attempt begun"),
        ["deferred"] = ("↻", "waiting", "Put off"),
        ["delivered"] = ("✓", "good", "Delivered"),
        ["held"] = ("!", "act", "Held: needs you"),
        ["failed"] = ("✕", "bad", "Failed"),
        ["cancelled"] = ("–", "over", "Cancelled"),
        ["retried"] = ("↻", "going", "Set going again"),
        ["due-now"] = ("↻", "going", "Brought forward by hand"),
        ["cancel-pending"] = ("–", "waiting", "Cancel waits for the attempt under way"),
        ["order-changed"] = ("●", "going", "The order changed at the EHR"),
        ["order-revoked"] = ("–", "waiting", "The order was revoked at the EHR"),
        ["recipient-set"] = ("●", "going", "Recipient named by hand"),
        ["package-purged"] = ("–", "over", "Package deleted, its time being over"),
    };

    /// <summary>Details shown in words; the rest of a line's details shows as it is.</summary>
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["status"] = "HTTP status", ["issues"] = "Issue codes", ["issue"] = "First issue", ["entries"] = "Entries", ["by"] = "Shown by", ["cause"] = "Cause", ["last"] = "Last cause", ["location"] = "Stored at", ["locations"] = "Stored at",
        ["stored"] = "Stored", ["failed"] = "Refused", ["detail"] = "Where", ["ms"] = "Took", ["form"] = "Form", ["bytes"] = "Size", ["reason"] = "Reason",
    };

    /// <summary>What a delivery's remark means; each is a line of docs/runbook.md.</summary>
    private static readonly Dictionary<string, string> Remarks = new(StringComparer.Ordinal)
    {
        ["digest-differs"] = "What the recipient has under this package's id is another build of it, or was added to over there; it counts as delivered, and nothing was overwritten",
        ["found-by-probe"] = "An earlier attempt had landed: the recipient was asked and has it",
    };

    public static IReadOnlyList<ReferralStep> Of(IReadOnlyList<TimelineEntry> lines)
        => [.. lines.Select((line, i) => Of(line, i == 0 ? null : lines[i - 1].At))];

    /// <summary>What the newest package carries, from the line that made it; null: none, or it was made by a build that did not say.</summary>
    public static TypeTable? Contents(IEnumerable<TimelineEntry> lines)
        => lines.LastOrDefault(line => line.Event == "packaged")?.Detail?.GetValueOrDefault("contents") is { Length: > 0 } contents ? Carried(contents) : null;

    private static ReferralStep Of(TimelineEntry line, DateTimeOffset? before)
    {
        var (symbol, tone, title) = Words.GetValueOrDefault(line.Event, ("●", "over", line.Event));
        var facts = new List<KeyValuePair<string, string>>();
        var tables = new List<TypeTable>();
        foreach (var (name, value) in line.Detail ?? new Dictionary<string, string>())
        {
            switch (name)
            {
                case "pulls" when value.Length > 0:
                    tables.Add(Pulls(value));
                    break;
                case "contents" when value.Length > 0:
                    tables.Add(Carried(value));
                    break;
                case "bytes" when Number(value) is { } bytes:
                    facts.Add(new("Size", Lengths.Bytes(bytes)));
                    break;
                case "ms" when Number(value) is { } ms:
                    facts.Add(new("Took", ms < 1000 ? $"{ms} ms" : $"{ms / 1000.0:0.0} s"));
                    break;
                case "noted" when Remarks.TryGetValue(value, out var remark):
                    facts.Add(new("Remark", $"{remark} ({value})"));
                    break;
                case "by" when line.Event == "attempt":
                    facts.Add(new("Repeating is harmless by", value));
                    break;
                case not ("pulls" or "contents") when value.Length > 0:
                    facts.Add(new(Names.GetValueOrDefault(name, name), value));
                    break;
            }
        }

        if (line.Event == "packaged")
        {
            facts.Add(new("Entries", Lengths.Count(line.Entries ?? 0)));
            facts.Add(new("Digest", line.PackageDigest ?? ""));
        }

        if (line.Event == "attempt")
        {
            title = $"Attempt {line.Attempt} begun";
        }

        return new(
            symbol, tone, title, line.Event, line.Sequence, line.At, before is { } at ? line.At - at : null, line.State.Name(), line.Attempt, line.ErrorCode,
            line.NextAttemptAt is { } next && line.Event == "deferred" ? next : null, facts, tables, Raw(line));
    }

    private static List<KeyValuePair<string, string>> Raw(TimelineEntry line)
    {
        var raw = new List<KeyValuePair<string, string>> { new("event", line.Event), new("state", line.State.Name()), new("attempt", $"{line.Attempt}") };
        Add("sequence", line.Sequence?.ToString(CultureInfo.InvariantCulture));
        Add("event id", line.EventId?.ToString("D"));
        Add("recipient", line.Recipient);
        Add("package", line.PackageId?.ToString("D"));
        Add("digest", line.PackageDigest);
        Add("error", line.ErrorCode);
        foreach (var (name, value) in line.Detail ?? new Dictionary<string, string>())
        {
            Add(name, value);
        }

        return raw;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                raw.Add(new(name, value));
            }
        }
    }

    private static TypeTable Pulls(string text) => new("What was asked of the EHR", ["Searches", "Pages"], Rows(text, cells => [.. cells.Select(Shown)]));

    private static TypeTable Carried(string text)
        => new("What the package carries", ["Entries", "Size"], Rows(text, cells => cells is [var entries, var bytes] ? [Shown(entries), Number(bytes) is { } size ? Lengths.Bytes(size) : bytes] : cells));

    private static IReadOnlyList<(string Type, IReadOnlyList<string> Cells)> Rows(string text, Func<string[], IReadOnlyList<string>> cells)
        => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(row => row.Split(':')).Select(parts => (parts[0], cells(parts[1..])))];

    private static string Shown(string number) => Number(number) is { } value ? Lengths.Count(value) : number;

    private static long? Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
