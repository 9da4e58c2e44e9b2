using System.Text.Json;
using ReferralService.Ledger;
using ReferralService.Packaging;
using static ReferralService.Tests.Packaging.RecordBuilder;

namespace ReferralService.Tests.Gathering;

/// <summary>Servers hand out ids that R4's rule does not allow: what can stand in an address is carried as it is, the rest is told as missing.</summary>
public sealed class OddIdTests
{
    private static readonly string Long = new('l', 200);

    [Test]
    public async Task Ids_beyond_R4s_rule_are_found_followed_and_packaged()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder($$"""
            "requester":{"reference":"Practitioner/{{Long}}"},"supportingInfo":[{"reference":"Observation/ext_~1"}]
            """);
        bench.Load(
            $$"""{"resourceType":"Practitioner","id":"{{Long}}"}""",
            GatherBench.Observation("ext_~1", "\"effectiveDateTime\":\"1999-10-01T08:00:00Z\""),
            GatherBench.Observation("lab_1"));

        await using var record = await bench.RecordAsync();
        using var output = new MemoryStream();
        await new PackageBuilder().BuildAsync(record, For(PackageForm.Document), output, default);
        var fullUrls = JsonDocument.Parse(output.ToArray()).RootElement.GetProperty("entry").EnumerateArray().Select(e => e.GetProperty("fullUrl").GetString());

        Assert.That(record.Keys(), Is.EquivalentTo(new[] { "ServiceRequest/o1", "Patient/p1", $"Practitioner/{Long}", "Observation/ext_~1", "Observation/lab_1" }));
        Assert.That(record.GapLines(), Is.Empty);
        Assert.That(fullUrls, Is.SupersetOf(record.Keys().Select(key => $"{bench.Ehr.Base}/{key}")));
    }

    [TestCase("../../other/Observation/1")]
    [TestCase("..")]
    [TestCase("two words")]
    [TestCase("a\\u0007b")]
    public async Task An_id_that_cannot_stand_in_an_address_is_a_gap_of_one_row_and_never_asked_for(string id)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder($$""" "supportingInfo":[{"reference":"Observation/{{id}}"}] """);
        bench.Load(GatherBench.Observation(id), GatherBench.Observation("good"));

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Is.EquivalentTo(new[] { "ServiceRequest/o1", "Patient/p1", "Observation/good" }));
        Assert.That(record.GapLines(), Has.Some.Matches<string>(line => line.StartsWith("Observation?", StringComparison.Ordinal) && line.Contains(" unusable-id ")));
        Assert.That(record.Gaps.Select(g => g.Reference), Has.None.Contains("words").And.None.Contains("..").And.None.Contains("u0007"));
        Assert.That(bench.Ehr.Requests.CountOf("GET", "/Observation/"), Is.Zero);
    }
}
