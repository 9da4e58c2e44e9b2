using System.Text.RegularExpressions;

namespace ReferralService.Tests.Architecture;

/// <summary>docs/consent.md names tests that are there, and each test of the withholding.</summary>
public sealed partial class ConsentRowTests
{
    private const string Withholding = "ReferralService.Tests.Packaging.Withholding";

    [Test]
    public void Each_rule_names_tests_that_are_there()
    {
        var tests = typeof(ConsentRowTests).Assembly.GetTypes().SelectMany(t => t.GetMethods()).Select(m => m.Name).ToHashSet();

        Assert.That(Named().Where(name => !tests.Contains(name)), Is.Empty);
    }

    [Test]
    public void Each_test_of_the_withholding_shows_a_rule()
    {
        var tests = typeof(ConsentRowTests).Assembly.GetTypes().Where(t => t.Namespace == Withholding)
            .SelectMany(t => t.GetMethods()).Where(m => m.IsDefined(typeof(TestAttribute), false) || m.IsDefined(typeof(TestCaseAttribute), false)).Select(m => m.Name);

        Assert.That(tests.Except(Named()), Is.EqualTo(new[] { "The_lists_of_this_build_have_no_fault_and_name_their_sources" }));
    }

    private static HashSet<string> Named()
        => [.. Name().Matches(File.ReadAllText(Path.Combine(RoomTests.Root, "docs", "consent.md"))).Select(m => m.Groups[1].Value)];

    [GeneratedRegex("`([A-Z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+|Labels|Exceptions)`")]
    private static partial Regex Name();
}
