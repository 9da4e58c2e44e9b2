using ReferralService.Gathering.Plans;

namespace ReferralService.Tests.Gathering.Plans;

/// <summary>What is kept of many, and of which of them alarms need to know the values.</summary>
public sealed class NewestFewTests
{
    [Test]
    public void The_newest_are_kept_in_whatever_order_they_come([Values(1, 2, 5)] int most)
    {
        var random = new Random(3);
        for (int round = 0; round < 50; round++)
        {
            var few = new NewestFew(most);
            NewestFew.Match[] all = [.. Enumerable.Range(0, random.Next(1, 12)).Select(i => new NewestFew.Match(Make.Facts($"r{i}", Make.Lab("1988-5", -random.Next(6))), []))];
            foreach (var one in all) few.Add(one);

            Assert.That(few.Kept, Is.EqualTo(all.OrderBy(m => m.Rank).Take(most)));
        }
    }

    [Test]
    public void What_is_not_read_for_an_alarm_would_not_have_raised_it()
    {
        AlarmRule[] rules =
        [
            Rule([new AlarmLimit(true, 5, ["mg/L"])], []), Rule([], ["HH", "LL"]), Rule([new AlarmLimit(false, 2, ["mg/L"])], ["AA"]), Rule([], []) with { WhenPresent = true },
        ];
        string[] results =
        [
            Make.Lab("1988-5", -1, 9, "mg/L"), Make.Lab("1988-5", -1, 1, "mg/L"), Make.Lab("1988-5", -1), Make.Lab("1988-5", -1, 3, "mg/L", interpretation: "HH"),
            Make.Lab("1988-5", -1, interpretation: "AA"), Make.Lab("1988-5", -1, interpretation: "N"), Make.Pressure(-1, 190, 90), Make.Finding("words alone", -1),
        ];
        var facts = results.Select((json, i) => Make.Facts($"{i}", json)).ToList();

        Assert.That(from rule in rules from one in facts where rule.IsRaisedBy(one, one.Results) && !rule.MayBeRaisedBy(one) select one.Key, Is.Empty);
        Assert.That(facts.Count(one => rules[1].MayBeRaisedBy(one)), Is.EqualTo(2), "one that is critical, and one whose components may be");
    }

    private static AlarmRule Rule(IReadOnlyList<AlarmLimit> limits, IReadOnlyList<string> interpretations) => new("plan:p/i!a", "alarm", CodeSet.None, limits, interpretations, WhenPresent: false);
}
