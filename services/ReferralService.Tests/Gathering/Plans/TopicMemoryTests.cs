using System.Text;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Plans;

namespace ReferralService.Tests.Gathering.Plans;

/// <summary>What resources are about, found again by the bytes that say it.</summary>
public sealed class TopicMemoryTests
{
    private const string Psa = """{ "coding": [ { "system": "http://loinc.org", "code": "2857-1", "display": "PSA" } ], "text": "Prostata-spezifisches Antigen" }""";

    [Test]
    public void Resources_that_say_the_same_share_one_topic()
    {
        var topics = new TopicMemory();

        Assert.That(Read(topics, "a", $"\"code\": {Psa}").Topic, Is.SameAs(Read(topics, "b", $"\"status\": \"final\", \"code\": {Psa}").Topic));
    }

    [TestCase("\"code\": {0}, \"category\": {0}", "\"category\": {0}, \"code\": {0}", TestName = "In another order, as texts are listed in it")]
    [TestCase("\"code\": {0}", "\"category\": {0}", TestName = "As a heading")]
    [TestCase("\"code\": {0}", "\"code\": {0}, \"description\": \"more\"", TestName = "With more words")]
    public void Those_that_say_something_else_have_another(string one, string other)
    {
        var topics = new TopicMemory();
        string With(string members) => members.Replace("{0}", Psa, StringComparison.Ordinal);

        Assert.That(Read(topics, "a", With(one)).Topic, Is.Not.SameAs(Read(topics, "b", With(other)).Topic));
    }

    [TestCase("\"code\"", "\"\\u0063ode\"", TestName = "An escaped name")]
    [TestCase("2857-1", "2857\\u002d1", TestName = "An escaped code")]
    [TestCase("http://loinc.org", "http:\\/\\/loinc.org", TestName = "An escaped system")]
    [TestCase("Antigen", "Antigen ä €", TestName = "More than ASCII")]
    public void It_is_read_whatever_way_it_is_written(string written, string otherwise)
    {
        var facts = Read(new TopicMemory(), "a", $"\"code\": {Psa}".Replace(written, otherwise, StringComparison.Ordinal));

        Assert.That(facts.Codes, Is.EqualTo(new[] { new CodingView("http://loinc.org", "2857-1", "PSA") }));
        Assert.That(facts.Texts[1], Does.StartWith("Prostata-spezifisches Antigen"));
    }

    [Test]
    public void More_than_is_remembered_is_read_all_the_same()
    {
        var topics = new TopicMemory();
        string Long(int i) => $$"""{ "text": "{{new string('x', 1000)}} {{i}}" }""";

        var all = Enumerable.Range(0, 1000).Select(i => Read(topics, $"r{i}", $"\"code\": {Long(i)}").Texts.Single()).ToList();

        Assert.That(all, Is.EqualTo(Enumerable.Range(0, 1000).Select(i => $"{new string('x', 1000)} {i}")));
    }

    [Test]
    public void Runs_are_found_by_their_bytes_alone()
    {
        var memory = new ByteMemory<string>(most: 4000);
        var runs = Enumerable.Range(0, 300).Select(i => Encoding.UTF8.GetBytes($"run {i}")).ToList();
        foreach (var run in runs)
        {
            Assert.That(memory.Find(run, out int hash), Is.Null);
            Assert.That(memory.Remember(run, hash, Encoding.UTF8.GetString(run)), Is.True);
        }

        Assert.That(runs.Select(r => memory.Find(r, out _)), Is.EqualTo(runs.Select(Encoding.UTF8.GetString)));
        Assert.That(memory.Find("run 3000"u8, out int unknown), Is.Null);
        Assert.That(memory.Remember(new byte[4000], unknown, "too much"), Is.False);
    }

    [TestCase("status", "Status")]
    [TestCase("medicationCodeableConcept", "Code")]
    [TestCase("effectivePeriod", "HappenedPeriod")]
    [TestCase("_questionnaire", "TextExtension")]
    [TestCase("onsetDateTime", "Known")]
    [TestCase("statusReason", "None")]
    [TestCase("id", "None")]
    [TestCase("", "None")]
    public void Elements_are_known_by_their_whole_name(string name, string member)
        => Assert.That(TopicMembers.Of(Encoding.UTF8.GetBytes(name)).ToString(), Is.EqualTo(member));

    private static RelevanceFacts Read(TopicMemory topics, string id, string members)
        => RelevanceReading.Read(new ResourceKey("Observation", id), RawResource.Read(Encoding.UTF8.GetBytes($$"""{ "resourceType": "Observation", "id": "{{id}}", {{members}} }""")), topics);
}
