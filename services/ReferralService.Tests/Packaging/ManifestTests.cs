using System.Text;
using System.Text.Json;
using ReferralService.Ledger;
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
    public async Task It_is_written_in_the_shape_that_was_promised()
    {
        var package = await BuiltPackage.Of(new RecordBuilder().Gap("Observation/9", "not-found", "café").Searched("Observation", "search.Observation"), PackageForm.Collection);
        using var output = new MemoryStream();
        await PackageManifestJson.WriteAsync(output, package.Manifest, default);
        var json = JsonDocument.Parse(output.ToArray()).RootElement;

        Assert.Multiple(() =>
        {
            Assert.That(Names(json), Is.EqualTo("referralId packageId plan included omitted checklist consent validation searches"));
            Assert.That(Names(json.GetProperty("included")[0]), Is.EqualTo("fullUrl source versionId lastUpdated sha256 bytes reasons"));
            Assert.That(Names(json.GetProperty("omitted")[0]), Is.EqualTo("reference reason rule"));
            Assert.That(Names(json.GetProperty("searches")[0]), Is.EqualTo("type rule query pages found kept ignoredParameters"));
            Assert.That(json.GetProperty("packageId").GetGuid(), Is.EqualTo(RecordBuilder.For(PackageForm.Collection).PackageId));
            Assert.That(Encoding.UTF8.GetString(output.ToArray()), Does.Contain("café"));
        });
    }

    private static string Names(JsonElement element) => string.Join(' ', element.EnumerateObject().Select(p => p.Name));
}
