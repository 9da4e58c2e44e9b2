using System.Text.RegularExpressions;

namespace ReferralService.Tests.Architecture;

/// <summary>docs/faults.md and the tests that carry <c>[Fault("…")]</c> name the same rows.</summary>
public sealed partial class FaultRowTests
{
    [Test]
    public void Every_row_of_the_faults_page_has_a_test_or_says_why_it_has_none()
    {
        var (rows, uncovered) = Page();

        Assert.That(rows, Has.Count.GreaterThan(80), "the page was read");
        Assert.That(rows.Except(Tested()).Except(uncovered), Is.Empty);
    }

    [Test]
    public void No_test_names_a_row_that_is_not_on_the_page() => Assert.That(Tested().Except(Page().Rows), Is.Empty);

    [Test]
    public void No_row_is_called_uncovered_that_has_a_test() => Assert.That(Page().Uncovered.Intersect(Tested()), Is.Empty);

    private static (HashSet<string> Rows, HashSet<string> Uncovered) Page()
    {
        var halves = File.ReadAllText(Path.Combine(RoomTests.Root, "docs", "faults.md")).Split("## Not covered");
        return (Ids(halves[0]), Ids(halves[1]));
    }

    private static HashSet<string> Ids(string text) => [.. Row().Matches(text).Select(m => m.Groups[1].Value)];

    private static HashSet<string> Tested() => [.. new[] { "ReferralService.Tests", "ReferralService.AcceptanceTests" }
        .SelectMany(project => Directory.EnumerateFiles(Path.Combine(RoomTests.Root, "services", project), "*.cs", SearchOption.AllDirectories))
        .SelectMany(file => Attribute().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value))];

    [GeneratedRegex(@"^\| ([A-Z]\d\d) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\bFault\(""([A-Z]\d\d)""\)\]")]
    private static partial Regex Attribute();
}
