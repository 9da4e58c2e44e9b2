using System.Text;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Plans;

namespace ReferralService.Tests.Gathering.Plans;

public sealed class PlanChoiceTests
{
    private static readonly PlanBook Book = PlanBook.Shipped();

    [TestCase(Make.Icd10Cm, "C62.92", "core urology-testicular-mass")]
    [TestCase(Make.Icd10Cm, "D4011", "core urology-testicular-mass")]
    [TestCase("urn:oid:2.16.840.1.113883.6.90", "R97.20", "core urology-psa")]
    [TestCase(Make.Snomed, "396152005", "core urology-psa")]
    [TestCase("http://fhir.de/CodeSystem/bfarm/icd-10-gm", "R31", "core urology-haematuria")]
    [TestCase(Make.Snomed, "34436003", "core urology-haematuria")]
    [TestCase(Make.Icd10Cm, "N20.0", "core urology-stones")]
    [TestCase(Make.Icd10Cm, "R07.9", "cardiology-chest-pain core")]
    [TestCase(Make.Icd10Cm, "I50.22", "cardiology-heart-failure core")]
    [TestCase(Make.Snomed, "44054006", "core endocrinology-diabetes")]
    [TestCase(Make.Icd10Cm, "E14.9", "core general")]
    [TestCase("http://hl7.org/fhir/sid/icd-10", "E14.9", "core endocrinology-diabetes")]
    [TestCase(Make.Loinc, "C62.92", "core general")]
    public void A_code_chooses(string system, string code, string plans)
        => Assert.That(Ids(new OrderFacts { ReasonCondition = [Make.Concept(system, code)] }), Is.EqualTo(plans));

    [TestCase("Raised PSA (8.4)", "core urology-psa")]
    [TestCase("PSA elevated", "core urology-psa")]
    [TestCase("PSA is rising again", "core urology-psa")]
    [TestCase("No elevated PSA", "core urology-psa", TestName = "A negation is not understood (docs/plans.md)")]
    [TestCase("Diabetes", "core endocrinology-diabetes")]
    [TestCase("Poorly controlled diabetes, insulin?", "core endocrinology-diabetes")]
    [TestCase("Mass in the left testicle", "core general", TestName = "A word between the words of a phrase hides it (docs/plans.md)")]
    [TestCase("Lump in the testicle", "core urology-testicular-mass")]
    [TestCase("Testis: mass in testis, right", "core urology-testicular-mass")]
    [TestCase("Stone in the ureter", "core urology-stones")]
    [TestCase("renal calculi", "core urology-stones")]
    [TestCase("Macrohematuria", "core urology-haematuria")]
    [TestCase("Pain in the chest on exertion", "cardiology-chest-pain core")]
    [TestCase("cardiac insufficiency", "cardiology-heart-failure core")]
    [TestCase("Psoriatic arthritis, PsA", "core general")]
    [TestCase("Painless haematuria.", "core urology-haematuria")]
    [TestCase("Left renal-colic?", "core urology-stones")]
    [TestCase("Known heart failure with chest pain", "cardiology-chest-pain cardiology-heart-failure core")]
    [TestCase("Second opinion on shoulder surgery", "core second-opinion")]
    [TestCase("Second opinion: breast cancer", "core oncology-second-opinion second-opinion")]
    [TestCase("Breast cancer", "core general")]
    [TestCase("blood sugar too high", "core general")]
    public void Words_choose(string text, string plans) => Assert.That(Ids(new OrderFacts { Code = Make.Words(text) }), Is.EqualTo(plans));

    [Test]
    public void A_display_is_read_as_words_are()
        => Assert.That(Ids(new OrderFacts { Code = new ConceptView([new CodingView("http://lab.example", "7", "Elevated PSA")], null) }), Is.EqualTo("core urology-psa"));

    [Test]
    public void A_speciality_counts_only_where_the_plan_asks_for_it()
        => Assert.That(
            Ids(new OrderFacts { ReasonCode = [GeneralCases.SecondOpinion], PerformerType = Make.Concept(Make.Snomed, "394593009") }),
            Is.EqualTo("core oncology-second-opinion second-opinion"));

    [Test]
    public void Each_plan_says_what_chose_it()
    {
        var order = new OrderFacts { Code = Make.Words("elevated PSA"), ReasonCondition = [Make.Concept(Make.Snomed, "396152005")], ReasonCode = [GeneralCases.SecondOpinion] };

        Assert.That(PlanChoice.For(order, Book).Select(p => $"{p.Plan.Id}: {string.Join(", ", p.Because)}"), Is.EqualTo(new[]
        {
            "core: included-by:second-opinion, included-by:urology-psa",
            "second-opinion: second-opinion-reason < ServiceRequest.reasonCode",
            "urology-psa: psa-words < ServiceRequest.code, raised-psa < ServiceRequest.reasonReference",
        }));
    }

    [Test]
    public void An_order_that_says_nothing_is_general()
        => Assert.That(PlanChoice.For(new OrderFacts(), Book).Select(p => $"{p.Plan.Id}: {string.Join(", ", p.Because)}"), Is.EqualTo(new[] { "core: included-by:general", "general: fallback" }));

    [Test]
    public void Plans_that_include_each_other_come_once()
    {
        using var folder = new PlanFolder();
        var one = PlanFolder.Plan("one");
        one["includes"] = new System.Text.Json.Nodes.JsonArray("two");
        var two = PlanFolder.Plan("two");
        two["includes"] = new System.Text.Json.Nodes.JsonArray("one");
        two.Remove("triggers");

        Assert.That(PlanChoice.For(new OrderFacts { Code = Make.Words("rash") }, folder.With(one).With(two).Book()).Select(p => p.Plan.Id), Is.EqualTo(new[] { "one", "two" }));
    }

    [Test]
    public void The_facts_are_read_from_the_order_and_its_reasons()
    {
        var order = ServiceRequestView.Read(Raw("""
            { "resourceType": "ServiceRequest", "id": "1", "code": { "text": "assess" }, "category": [ { "text": "referral" } ], "reasonCode": [ { "text": "worry" } ],
              "performerType": { "text": "urology" }, "subject": { "reference": "Patient/invented" } }
            """));
        var reasons = new[] { "\"recordedDate\": \"2026-02-01\"", "\"onsetDateTime\": \"2025\", \"recordedDate\": \"2026-03-01\"", "\"onsetString\": \"long ago\"" }
            .Select(dates => ConditionView.Read(Raw($$"""{ "resourceType": "Condition", "id": "c", "code": { "text": "raised PSA" }, {{dates}}, "subject": { "reference": "Patient/invented" } }"""))).ToList();

        var facts = OrderFacts.Of(order, reasons);

        Assert.Multiple(() =>
        {
            Assert.That(Enum.GetValues<OrderElement>().Select(e => facts.At(e).Select(c => c.Text).First()), Is.EqualTo(new[] { "referral", "assess", "worry", "raised PSA", "urology" }));
            Assert.That(facts.Diagnosed, Is.EqualTo(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        });
    }

    private static string Ids(OrderFacts order) => string.Join(' ', PlanChoice.For(order, Book).Select(p => p.Plan.Id));

    private static RawResource Raw(string json) => RawResource.Read(Encoding.UTF8.GetBytes(json));
}
