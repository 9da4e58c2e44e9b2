using System.Text.RegularExpressions;
using ReferralService.Tests.Architecture;

namespace ReferralService.Tests.Docs;

/// <summary>A command that a document tells its reader to type.</summary>
/// <param name="Page">From the repository's root.</param>
/// <param name="NotRun">It stands in a block headed <c>bash not-run</c>.</param>
/// <param name="Block">It stands in a block; else in a line of text.</param>
internal sealed record DocCommand(string Page, string Text, bool Block, bool NotRun);

/// <summary>Finds every command in README.md, docs/*.md and deploy/README.md: the lines of blocks headed <c>bash</c>, and what in the text begins with a program's name and has words behind it.</summary>
internal static partial class DocCommands
{
    public static IReadOnlyList<string> Pages { get; } =
    [
        "README.md", "deploy/README.md",
        // Made from the list that these tests compare with.
        .. Directory.GetFiles(Path.Combine(RoomTests.Root, "docs"), "*.md").Select(file => "docs/" + Path.GetFileName(file)).Where(page => page != "docs/commands.md").Order(StringComparer.Ordinal),
    ];

    public static IReadOnlyList<DocCommand> All { get; } = [.. Pages.SelectMany(page => Of(page, File.ReadAllText(Path.Combine(RoomTests.Root, page))))];

    public static IEnumerable<DocCommand> Of(string page, string text)
    {
        foreach (Match fence in Fence().Matches(text))
        {
            var info = fence.Groups[1].Value.Trim();
            bool shell = info is "bash" or "sh" or "bash not-run";
            foreach (var line in fence.Groups[2].Value.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
            {
                var command = Spaces().Replace(Comment().Replace(line, ""), " ").Trim();
                if (command.Length > 0 && (shell || IsCommand(command))) yield return new(page, command, Block: true, NotRun: info == "bash not-run");
            }
        }

        foreach (Match code in Inline().Matches(Fence().Replace(text, "")))
        {
            if (IsCommand(code.Groups[1].Value)) yield return new(page, code.Groups[1].Value, Block: false, NotRun: false);
        }
    }

    private static bool IsCommand(string text) => text.Contains(' ', StringComparison.Ordinal) && Program().IsMatch(text);

    [GeneratedRegex("^```([^\n]*)\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Inline();

    [GeneratedRegex(@"(^|\s)#\s.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    /// <summary>A program's name, after what may stand before it: a bracket, a variable.</summary>
    [GeneratedRegex(@"^\(?\{? ?([A-Z_]+=\S+ )?(umask|dotnet|bash|sh|curl|docker|docker-compose|kubectl|rabbitmqctl|sqlite3|openssl|systemctl|journalctl|systemd-analyze|psql|pg_dump|git|promtool|npm|npx|node|python3|pip|install|cp|mv|echo|cat)\b")]
    private static partial Regex Program();
}
