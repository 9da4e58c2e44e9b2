using System.Text.RegularExpressions;
using ReferralService.Tests.Architecture;

namespace ReferralService.Tests.Docs;

/// <summary>What the documents point at is there: files, headings, tests.</summary>
public sealed partial class DocLinkTests
{
    [Test]
    public void Every_link_leads_somewhere()
    {
        var dead = new List<string>();
        foreach (var page in DocCommands.Pages.Append("docs/commands.md"))
        {
            var path = Path.Combine(RoomTests.Root, page);
            foreach (Match link in Link().Matches(File.ReadAllText(path)))
            {
                var (file, anchor) = (link.Groups[1].Value, link.Groups[2].Value.TrimStart('#'));
                var target = file.Length == 0 ? path : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, file));
                if (!Path.Exists(target) || (anchor.Length > 0 && !Anchors(target).Contains(anchor))) dead.Add($"{page}: {link.Value}");
            }
        }

        Assert.That(dead, Is.Empty);
    }

    [TestCase("docs/threat-model.md", 30)]
    [TestCase("docs/hipaa.md", 10)]
    [TestCase("deploy/README.md", 3)]
    public void Every_test_that_is_named_exists(string page, int least)
    {
        var tests = new[] { "ReferralService.Tests", "ReferralService.AcceptanceTests" }
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(RoomTests.Root, "services", project), "*.cs", SearchOption.AllDirectories))
            .Select(file => Path.GetFileNameWithoutExtension(file)).ToHashSet();

        var named = TestName().Matches(File.ReadAllText(Path.Combine(RoomTests.Root, page))).Select(name => name.Groups[1].Value).ToHashSet();

        Assert.That(named, Has.Count.GreaterThanOrEqualTo(least));
        Assert.That(named.Where(name => !tests.Contains(name)), Is.Empty);
    }

    /// <summary>Of its headings, as GitHub and GitLab make them, and those written by hand.</summary>
    private static HashSet<string> Anchors(string page)
    {
        var text = File.ReadAllText(page);
        return
        [
            .. Heading().Matches(text).Select(heading => Dropped().Replace(heading.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-')),
            .. ById().Matches(text).Select(id => id.Groups[1].Value),
        ];
    }

    [GeneratedRegex(@"\]\((?!https?:|mailto:)([^)#\s]*)(#[^)\s]*)?\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("<a id=\"([^\"]+)\">")]
    private static partial Regex ById();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex Dropped();

    [GeneratedRegex(@"`([A-Z]\w+Tests)`")]
    private static partial Regex TestName();
}
