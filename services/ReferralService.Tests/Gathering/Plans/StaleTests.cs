namespace ReferralService.Tests.Gathering.Plans;

/// <summary>Each item that grows old, on the last day it is fresh and on the first it is not; the days are counted by hand from 23 November 2026.</summary>
public sealed class StaleTests
{
    private static readonly (string Item, Func<int, string> Newest, int Fresh)[] Items =
    [
        ("core/vital-signs", day => Make.Vital("8867-4", day), 365),
        ("core/smoking", day => Make.Vital("72166-2", day), 730),
        ("urology-testicular-mass/afp", day => Make.Lab("1834-1", day), 31),
        ("urology-testicular-mass/hcg", day => Make.Lab("21198-7", day), 31),
        ("urology-testicular-mass/ldh", day => Make.Lab("2532-0", day), 31),
        ("urology-testicular-mass/scrotal-ultrasound", day => Make.Report("Ultrasound of the testis", day), 92),
        ("urology-psa/psa-series", day => Make.Lab("2857-1", day), 92),
        ("urology-haematuria/urinalysis", day => Make.Lab("5794-3", day), 92),
        ("urology-haematuria/kidney-function", day => Make.Lab("62238-1", day), 184),
        ("urology-stones/stone-imaging", day => Make.Document("KUB", day), 92),
        ("urology-stones/kidney-function", day => Make.Lab("14682-9", day), 92),
        ("cardiology-chest-pain/ecg", day => Make.Finding("EKG", day), 31),
        ("cardiology-chest-pain/lipids", day => Make.Lab("2085-9", day), 365),
        ("cardiology-heart-failure/natriuretic-peptides", day => Make.Lab("30934-4", day), 184),
        ("cardiology-heart-failure/echocardiography", day => Make.Report("Echocardiography", day), 365),
        ("cardiology-heart-failure/ecg", day => Make.Document("ECG", day), 184),
        ("cardiology-heart-failure/kidney-function", day => Make.Lab("98979-8", day), 92),
        ("endocrinology-diabetes/hba1c", day => Make.Lab("59261-8", day), 184),
        ("endocrinology-diabetes/kidney-function", day => Make.Lab("33914-3", day), 365),
        ("endocrinology-diabetes/urine-albumin", day => Make.Lab("14959-1", day), 365),
        ("endocrinology-diabetes/lipids", day => Make.Lab("2089-1", day), 365),
        ("endocrinology-diabetes/eyes", day => Make.Report("Fundus photography", day), 365),
        ("endocrinology-diabetes/feet", day => Make.Finding("Monofilament", day), 365),
        ("oncology-second-opinion/imaging-reports", day => Make.Report("CT chest", day), 92),
        ("oncology-second-opinion/performance-status", day => Make.Lab("89243-0", day), 92),
    ];

    private static IEnumerable<string> Names() => Items.Select(i => i.Item);

    [TestCaseSource(nameof(Names))]
    public void It_is_present_until_its_day_is_over_and_stale_from_then(string name)
    {
        var (item, newest, fresh) = Items.Single(i => i.Item == name);
        string plan = item.StartsWith("core/", StringComparison.Ordinal) ? "general" : item[..item.IndexOf('/', StringComparison.Ordinal)];
        string Check(int age) => new PlanBench(ShippedPlanTests.Cases().Single(c => c.Plan == plan).Order).See([new("newest", newest(-age), "")]).CheckLines().Single(l => l.StartsWith(item + " ", StringComparison.Ordinal));

        Assert.Multiple(() =>
        {
            Assert.That(Check(fresh), Does.StartWith($"{item} present "));
            Assert.That(Check(fresh + 1), Does.StartWith($"{item} stale "));
        });
    }

    [Test]
    public void No_item_that_grows_old_is_left_out_of_the_table()
        => Assert.That(
            ReferralService.Gathering.Plans.PlanBook.Shipped().All.SelectMany(p => p.Items).Where(i => i.StaleAfter is not null).Select(i => i.Rule["plan:".Length..]),
            Is.EquivalentTo(Names()));
}
