using System.Text;
using System.Text.Json;
using ReferralService.Ledger;
using ReferralService.Gathering.Plans;
using ReferralService.Packaging;

namespace ReferralService.Tests.Packaging;

internal sealed class ManifestTests
{
    [Test]
    public async Task Every_carried_entry_is_traced_to_its_source([Values] PackageForm form)
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(OddBodies.All), form);
        string[] authored = ["Composition", "Task", "Device", "Provenance"];

        Assert.That(package.Manifest.Included.Select(i => i.FullUrl), Is.EqualTo(package.Entries
            .Where(e => !authored.Contains(BuiltPackage.Resource(e).GetProperty("resourceType").GetString()))
            .Select(e => e.GetProperty("fullUrl").GetString())));
    }

    [Test]
    public async Task An_item_says_version_digest_and_why()
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(OddBodies.All), PackageForm.Transaction);
        var item = package.Manifest.Included.Single(i => i.Source.EndsWith("/references", StringComparison.Ordinal));

        Assert.Multiple(() =>
        {
            Assert.That(item.VersionId, Is.EqualTo("7"));
            Assert.That(item.LastUpdated, Is.EqualTo("2026-01-01T00:00:00.000+00:00"));
            Assert.That(item.Bytes, Is.EqualTo(Encoding.UTF8.GetByteCount(OddBodies.All[6])));
            Assert.That(item.Sha256, Is.EqualTo(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(OddBodies.All[6])))));
            Assert.That(item.Reasons, Is.EqualTo(new[] { "search.DiagnosticReport" }));
        });
    }

    [Test]
    public async Task Gaps_and_references_by_search_are_listed_once_and_without_what_was_searched_for([Values] PackageForm form)
    {
        string body = """{"resourceType":"Observation","id":"o","status":"final","code":{"text":"a"},"subject":{"reference":"Patient/p"},"performer":[{"reference":"Practitioner?identifier=secret"}],"specimen":{"reference":"Specimen?identifier=secret"}}""";
        var package = await BuiltPackage.Of(
            new RecordBuilder().With(body).Gap("Observation/9", "not-found", "DiagnosticReport.result").Gap("Practitioner?conditional", "conditional", "Observation.performer"), form);

        Assert.That(package.Manifest.Omitted, Is.EqualTo(new[]
        {
            new ManifestOmission("Observation/9", "not-found", "DiagnosticReport.result"),
            new ManifestOmission("Practitioner?conditional", "conditional", "Observation.performer"),
            new ManifestOmission("Specimen?conditional", "conditional", "Observation.specimen"),
        }));
    }

    [Test]
    public async Task The_plans_their_checklist_and_their_alarms_are_told()
    {
        var plans = PlanChoice.For(new OrderFacts(), PlanBook.Shipped());
        var checklist = new Checklist(
            [new("plan:core/allergies", "Allergies", true, CheckStatus.Stale, "2020-01", ["attachment"])], [new("plan:general/results!critical", "critical", "Observation/1", null)], []);
        var manifest = (await BuiltPackage.Of(new RecordBuilder().Planned(new PlannedRecord(plans, checklist)), PackageForm.Collection)).Manifest;

        Assert.Multiple(() =>
        {
            Assert.That(manifest.Plan.Select(p => $"{p.Id} {p.Version} {p.Because[0]}"), Is.EqualTo(new[] { "core 1.0.0 included-by:general", "general 1.0.0 fallback" }));
            Assert.That(manifest.Checklist.Select(c => $"{c.Item} {c.Status} {c.Date} {c.Label} {c.Need} {c.Lacks[0]}"), Is.EqualTo(new[] { "plan:core/allergies stale 2020-01 Allergies must attachment" }));
            Assert.That(manifest.Alarms, Is.EqualTo(checklist.Alarms));
        });
    }

    [Test]
    public async Task It_is_written_in_the_shape_that_was_promised()
    {
        var package = await BuiltPackage.Of(new RecordBuilder().Gap("Observation/9", "not-found", "café").Searched("Observation", "search.Observation"), PackageForm.Collection);
        using var output = new MemoryStream();
        await PackageManifestJson.WriteAsync(output, package.Manifest, default);
        var json = JsonDocument.Parse(output.ToArray()).RootElement;

        Assert.Multiple(() =>
        {
            Assert.That(Names(json), Is.EqualTo("referralId packageId plan included omitted checklist alarms consent validation searches imaging"));
            Assert.That(Names(json.GetProperty("included")[0]), Is.EqualTo("fullUrl source versionId lastUpdated sha256 bytes reasons status"));
            Assert.That(Names(json.GetProperty("omitted")[0]), Is.EqualTo("reference reason rule"));
            Assert.That(Names(json.GetProperty("searches")[0]), Is.EqualTo("type rule query pages found kept ignoredParameters refusal"));
            Assert.That(json.GetProperty("packageId").GetGuid(), Is.EqualTo(RecordBuilder.For(PackageForm.Collection).PackageId));
            Assert.That(Encoding.UTF8.GetString(output.ToArray()), Does.Contain("café"));
        });
    }

    [Test]
    public async Task Its_bytes_are_those_that_the_serializer_would_write([Values] PackageForm form)
    {
        string[] many = [.. Enumerable.Range(0, 300).Select(i => $$$"""{"resourceType":"Observation","id":"m{{{i}}}","status":"{{{(i % 2 == 0 ? "final" : "preliminary")}}}","code":{"text":"a"},"subject":{"reference":"Patient/p"}}""")];
        var record = new RecordBuilder().With(OddBodies.All).With(many).Gap("Observation/9", "not-found", "café \"<&>\" \u2028🩺").Searched("Observation", "search.Observation")
            .Led("DiagnosticReport/é\"<", "DiagnosticReport.result", """{"resourceType":"Basic","id":"led","code":{"text":"a"}}""")
            .Wanted("plan:core/allergies", """{"resourceType":"Basic","id":"wanted","code":{"text":"a"}}""");
        var manifest = (await BuiltPackage.Of(record, form)).Manifest;
        using var output = new MemoryStream();
        await PackageManifestJson.WriteAsync(output, manifest, default);

        Assert.That(output.Length, Is.GreaterThan(64 * 1024), "more than is handed on at once");
        Assert.That(Encoding.UTF8.GetString(output.ToArray()), Is.EqualTo(JsonSerializer.Serialize(manifest, PackageManifestJson.Readable.PackageManifest)));
    }

    private static string Names(JsonElement element) => string.Join(' ', element.EnumerateObject().Select(p => p.Name));
}
