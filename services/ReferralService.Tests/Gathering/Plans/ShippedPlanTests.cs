using System.Reflection;
using System.Text.Json;
using ReferralService.Gathering.Plans;
using ReferralService.Tests.Contracts;

namespace ReferralService.Tests.Gathering.Plans;

public sealed class ShippedPlanTests
{
    private static readonly PlanBook Book = PlanBook.Shipped();

    internal static IEnumerable<PlanCase> Cases() => [.. GeneralCases.All(), .. UrologyCases.All(), .. MedicineCases.All()];

    private static IEnumerable<string> Files() => Assembly.GetAssembly(typeof(PlanBook))!.GetManifestResourceNames().Where(n => n.StartsWith("plans/", StringComparison.Ordinal));

    [TestCaseSource(nameof(Cases))]
    public void Each_resource_of_the_test_patient_is_sent_or_left_out_as_the_table_says(object patient)
    {
        var (_, order, chosen, rows, _, _) = (PlanCase)patient;
        var bench = new PlanBench(order).See(rows);

        Assert.Multiple(() =>
        {
            Assert.That(bench.Chosen, Is.EqualTo(chosen));
            Assert.That(bench.Table().Select(p => $"{p.Key}: {p.Value}"), Is.EquivalentTo(rows.Select(r => $"{r.Id}: {r.Expected}")));
        });
    }

    [TestCaseSource(nameof(Cases))]
    public void The_checklist_and_the_alarms_of_the_test_patient_are_as_written(object patient)
    {
        var (_, order, _, rows, checklist, alarms) = (PlanCase)patient;
        var bench = new PlanBench(order).See(rows);

        Assert.Multiple(() =>
        {
            Assert.That(bench.CheckLines(), Is.SupersetOf(checklist));
            Assert.That(bench.AlarmLines(), Is.EqualTo(alarms));
        });
    }

    [TestCaseSource(nameof(Cases))]
    public void It_does_not_matter_in_which_order_the_resources_come(object patient)
    {
        var (_, order, _, rows, _, _) = (PlanCase)patient;
        var written = new PlanBench(order).See(rows);
        var drawn = Enumerable.Range(1, 40).Select(seed =>
        {
            var shuffled = rows.ToArray();
            new Random(seed).Shuffle(shuffled);
            return (seed, new PlanBench(order).See(shuffled));
        });

        Assert.Multiple(() =>
        {
            foreach (var (seed, bench) in drawn)
            {
                Assert.That(bench.Table(), Is.EqualTo(written.Table()), $"seed {seed}");
                Assert.That(bench.CheckLines(), Is.EqualTo(written.CheckLines()), $"seed {seed}");
                Assert.That(bench.AlarmLines(), Is.EqualTo(written.AlarmLines()), $"seed {seed}");
            }
        });
    }

    /// <summary>Whatever is sent was asked for: the searches are never narrower than the judge.</summary>
    [TestCaseSource(nameof(Cases))]
    public void The_searches_ask_for_everything_that_is_sent(object patient)
    {
        var (_, order, _, rows, _, _) = (PlanCase)patient;
        var searches = PlanSearches.Of(PlanChoice.For(order, Book), Make.Now, order.Diagnosed).ToDictionary(s => s.Type);

        foreach (var facts in rows.Where(r => r.Expected[0] == '+').Select(r => Make.Facts(r.Id, r.Json)))
        {
            var search = searches[facts.Key.Type];
            bool asked = search.Everything
                || new CodeSet(search.Categories, []).Find(facts.Categories) is not null
                || new CodeSet(search.Codes, search.Below).Find(facts.Codes) is not null;
            Assert.That(asked && !(facts.When?.Latest < search.Earliest), facts.Key.ToString());
        }
    }

    [Test]
    public void Every_plan_that_an_order_can_choose_has_a_test_patient()
        => Assert.That(Cases().Select(c => c.Plan), Is.EquivalentTo(Book.All.Select(p => p.Id).Where(id => id != "core")));

    [Test]
    public void Every_item_of_every_plan_brings_something_to_a_test_patient_or_keeps_something_back()
    {
        var exercised = Cases().SelectMany(c => c.Rows).Where(r => r.Expected[0] == '+' || r.Expected.Contains(LeftOut.MustNotSend, StringComparison.Ordinal))
            .SelectMany(r => r.Expected.Split(' ', ',')).ToHashSet();

        Assert.That(Book.All.SelectMany(p => p.Items).Select(i => i.Rule["plan:".Length..]).Where(rule => !exercised.Contains(rule)), Is.Empty);
    }

    [TestCaseSource(nameof(Cases))]
    public void Of_a_patient_of_whom_nothing_is_known_every_item_is_absent(object patient)
    {
        var (_, order, chosen, _, _, _) = (PlanCase)patient;

        Assert.That(
            new PlanBench(order).CheckLines(),
            Is.EquivalentTo(chosen.Split(' ').SelectMany(id => Book.Find(id)!.Items).Where(i => i.Need != Need.MustNot).Select(i => $"{i.Rule["plan:".Length..]} absent")));
    }

    [Test]
    public void Every_shipped_plan_is_a_draft_that_sends_and_names_its_sources()
        => Assert.That(Book.All.Where(p => p is not { Status: PlanStatus.Draft, WhenMissing: WhenMissing.Send, Sources.Count: > 0 }), Is.Empty);

    [TestCaseSource(nameof(Files))]
    public void Each_shipped_file_fits_its_schema(string name)
    {
        if (name.EndsWith(".schema.json", StringComparison.Ordinal)) return;
        var sets = Read("plans/valueset.schema.json");
        var files = new Dictionary<string, JsonElement> { ["valueset.schema.json"] = sets };
        var schema = name.StartsWith("plans/valuesets/", StringComparison.Ordinal) ? sets : Read("plans/plan.schema.json");

        Assert.That(SchemaChecker.Check(new SchemaReferences(schema, files), schema, Read(name)), Is.Empty);
    }

    [Test]
    public void The_files_lie_beside_the_program_for_reading()
        => Assert.That(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(typeof(PlanBook).Assembly.Location)!, "plans", "urology-psa.json")), Is.EqualTo(Bytes("plans/urology-psa.json")));

    internal static JsonElement Read(string name) => JsonDocument.Parse(Bytes(name)).RootElement;

    internal static byte[] Bytes(string name)
    {
        using var stream = Assembly.GetAssembly(typeof(PlanBook))!.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
