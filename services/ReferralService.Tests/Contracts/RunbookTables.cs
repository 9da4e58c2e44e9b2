using System.Text.RegularExpressions;
using ReferralService.Contracts;

namespace ReferralService.Tests.Contracts;

/// <summary>The tables of codes in docs/runbook.md, as <see cref="ReasonRemedies"/> has them.</summary>
internal static partial class RunbookTables
{
    /// <summary>The runbook with what stands between its marks written anew.</summary>
    public static string Written(string runbook)
        => Marked().Replace(runbook, mark => $"<!-- codes: {mark.Groups[1].Value} -->\n{Table(Enum.Parse<ReasonKind>(mark.Groups[1].Value))}<!-- end of codes -->");

    private static string Table(ReasonKind kind)
        => "| code | it means | by itself | do |\n| --- | --- | --- | --- |\n" + string.Concat(ReasonRemedies.All.Where(remedy => remedy.Kind == kind).Select(Row));

    private static string Row(ReasonRemedy remedy)
        => $"| <a id=\"{remedy.Anchor}\"></a>`{remedy.Code}` | {Marked(remedy.Meaning)} | {Marked(remedy.ByItself)} | {Marked(remedy.Remedy)} |\n";

    /// <summary>Settings, calls, addresses, queues and codes stand out; the sentences themselves carry no markup.</summary>
    private static string Marked(string sentence) => Named().Replace(sentence.Replace("|", "\\|", StringComparison.Ordinal), "`$0`");

    [GeneratedRegex("<!-- codes: ([A-Za-z]+) -->\n.*?<!-- end of codes -->", RegexOptions.Singleline)]
    private static partial Regex Marked();

    [GeneratedRegex(@"\b(GET|POST) /[a-z/{}]+|\b[A-Z][A-Za-z]+:[A-Za-z{}:=]*[A-Za-z}]|\b[a-z]+/[a-z]+(\.[a-z]+|\+json)|\bapplication/json\b|\breferral\.commands(\.rejected)?\b|\?kind=(ehr|recipient)|\$status|/metadata\b|viewer < operator < privacy|\b(Base|Public)Url\b|\b(record-incomplete|deadline-passed|delivery-unknown|found-more-than-once|found-deleted|cancel-pending|certificate-expired|wrong-host|unknown-authority|tls-version)\b")]
    private static partial Regex Named();
}
