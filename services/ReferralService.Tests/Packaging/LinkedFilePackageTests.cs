using System.Text;
using System.Text.Json;
using ReferralService.Fhir.Validation;
using ReferralService.Gathering;
using ReferralService.Ledger;
using ReferralService.Packaging;
using ReferralService.Tests.Gathering;
using ReferralService.Tests.Gathering.Files;

namespace ReferralService.Tests.Packaging;

/// <summary>A file that was fetched from a plain URL, as the recipient and the operator see it.</summary>
internal sealed class LinkedFilePackageTests
{
    private const string Secret = "aSecretSignature";

    [TestCase(PackageForm.Document)]
    [TestCase(PackageForm.Collection)]
    public async Task Its_fullUrl_is_the_URL_that_stands_in_the_document_which_is_carried_as_it_came(PackageForm form)
    {
        await using var scene = await FileScene.StartAsync(FileScene.Pdf("scan"));
        string url = $"{scene.Origin}/storage/x?Expires=1&Signature={Secret}";
        scene.Bench.Load(FileScene.Document("d", url));

        var package = await BuildAsync(scene, form);
        var file = package.Entry("Binary");

        Assert.Multiple(() =>
        {
            Assert.That(file.GetProperty("fullUrl").GetString(), Is.EqualTo(url));
            Assert.That(BuiltPackage.Resource(file).Data(), Is.EqualTo("scan"u8.ToArray()));
            Assert.That(package.Raw("DocumentReference", "d"), Is.EqualTo(Encoding.UTF8.GetString(scene.Bench.Ehr.Bytes("DocumentReference/d")!.Value.Span)));
            Assert.That(AuthoredCheck.CheckEnvelope(package.Bytes).Errors, Is.Zero);
        });
    }

    [Test]
    public async Task In_a_transaction_all_URLs_of_one_file_lead_to_its_one_entry()
    {
        await using var scene = await FileScene.StartAsync(FileScene.Pdf("scan"));
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/x?Signature={Secret}1"), FileScene.Report("r", $"{scene.Origin}/x?Signature={Secret}2"), FileScene.Document("e", $"{scene.Origin}/y?Signature={Secret}3"));

        var package = await BuildAsync(scene, PackageForm.Transaction);
        string urn = package.Entry("Binary").GetProperty("fullUrl").GetString()!;

        Assert.Multiple(() =>
        {
            Assert.That(urn, Does.StartWith("urn:uuid:"));
            foreach (string id in new[] { "d", "e" })
                Assert.That(BuiltPackage.Resource(package.Entry("DocumentReference", id)).GetProperty("content")[0].GetProperty("attachment").GetProperty("url").GetString(), Is.EqualTo(urn));
            Assert.That(BuiltPackage.Resource(package.Entry("DiagnosticReport", "r")).GetProperty("presentedForm")[0].GetProperty("url").GetString(), Is.EqualTo(urn));
            Assert.That(package.Text, Does.Not.Contain(Secret), "nothing is left for the recipient to sign in with");
        });
    }

    [Test]
    public async Task The_manifest_tells_every_URL_and_no_signature([Values] PackageForm form)
    {
        await using var scene = await FileScene.StartAsync(FileScene.Pdf("scan"));
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/x?Signature={Secret}1"), FileScene.Report("r", $"{scene.Origin}/y?Signature={Secret}2"), FileScene.Document("e", $"https://elsewhere.example/z?Signature={Secret}3"));

        var package = await BuildAsync(scene, form);
        using var json = new MemoryStream();
        await PackageManifestJson.WriteAsync(json, package.Manifest, CancellationToken.None);
        var shown = JsonDocument.Parse(json.ToArray()).RootElement;
        var file = shown.GetProperty("included").EnumerateArray().Single(i => i.TryGetProperty("alsoAt", out _));

        Assert.Multiple(() =>
        {
            Assert.That(Encoding.UTF8.GetString(json.ToArray()), Does.Not.Contain(Secret));
            Assert.That(new[] { file.GetProperty("source").GetString(), file.GetProperty("alsoAt")[0].GetString() }, Is.EquivalentTo(new[] { $"{scene.Origin}/x", $"{scene.Origin}/y" }));
            Assert.That(file.GetProperty("reasons").EnumerateArray().Select(r => r.GetString()), Is.EqualTo(new[] { "DiagnosticReport.presentedForm < DiagnosticReport/r", "DocumentReference.content.attachment < DocumentReference/d" }));
            Assert.That(package.Manifest.Omitted.Select(o => $"{o.Reference} {o.Reason}"), Does.Contain("https://elsewhere.example/z foreign-origin"));
            Assert.That(Authored(package), Does.Not.Contain(Secret), "what we write names it without");
        });
    }

    [Test]
    public async Task A_URL_that_looks_like_a_versions_is_no_fullUrl([Values(PackageForm.Document, PackageForm.Collection)] PackageForm form)
    {
        await using var scene = await FileScene.StartAsync(FileScene.Pdf("scan"));
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/Binary/1/_history/2"));

        var package = await BuildAsync(scene, form);

        Assert.That(package.Entry("Binary").GetProperty("fullUrl").GetString(), Does.StartWith("urn:uuid:"));
    }

    [Test]
    public async Task It_is_withheld_with_its_document([Values] PackageForm form)
    {
        await using var scene = await FileScene.StartAsync(FileScene.Pdf("scan"));
        string restricted = FileScene.Document("d", $"{scene.Origin}/x?Signature={Secret}")
            .Replace("\"status\"", "\"meta\":{\"security\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-Confidentiality\",\"code\":\"R\"}]},\"status\"", StringComparison.Ordinal);
        scene.Bench.Load(restricted, FileScene.Document("e", $"{scene.Origin}/other"));
        await using (var record = await scene.Bench.RecordAsync()) Assert.That(record.Keys().Count(k => k.StartsWith("Binary/", StringComparison.Ordinal)), Is.EqualTo(1), "the same bytes");

        var package = await BuildAsync(scene, form);

        Assert.That(package.Entries.Select(e => BuiltPackage.Resource(e).GetProperty("resourceType").GetString()), Has.None.EqualTo("Binary"));
        Assert.That(package.Manifest.Omitted.Count(o => o.Reason == "withheld-by-policy"), Is.EqualTo(3), "the file, its document, and the other document that says the same");
    }

    [Test]
    public async Task What_is_missing_of_a_withheld_document_is_not_told_to_the_recipient([Values(PackageForm.Document, PackageForm.Transaction)] PackageForm form)
    {
        await using var scene = await FileScene.StartAsync(FileScene.Pdf("scan"), options: new GatheringOptions { MaxAttachmentBytes = 3 });
        string restricted = FileScene.Document("d", $"{scene.Origin}/x?Signature={Secret}")
            .Replace("\"status\"", "\"meta\":{\"security\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-Confidentiality\",\"code\":\"R\"}]},\"status\"", StringComparison.Ordinal);
        scene.Bench.Load(restricted);

        var package = await BuildAsync(scene, form);

        Assert.That(package.Manifest.Omitted.Select(o => $"{o.Reference} {o.Reason}"), Does.Contain($"{scene.Origin}/x too-large"), "the sender is told");
        Assert.That(Authored(package), Does.Contain("withheld").And.Not.Contain("too large"));
    }

    private static string Authored(BuiltPackage package) => string.Concat(
        package.Entries.Select(BuiltPackage.Resource).Where(r => r.GetProperty("resourceType").GetString() is "Composition" or "Provenance" or "Task" or "Device").Select(r => r.GetRawText()));

    private static async Task<BuiltPackage> BuildAsync(FileScene scene, PackageForm form)
    {
        await using var record = await scene.Bench.RecordAsync();
        using var output = new MemoryStream();
        var outcome = await new PackageBuilder().BuildAsync(record, RecordBuilder.For(form), output, CancellationToken.None);
        Assert.That(outcome, Is.InstanceOf<PackagingOutcome.Packaged>());
        return new BuiltPackage(output.ToArray(), (PackagingOutcome.Packaged)outcome);
    }
}
