using ReferralService.Ledger;

namespace ReferralService.Tests.Packaging;

/// <summary>What a reader must know before relying on a line: that a result is not final, and whether the images can be had.</summary>
internal sealed class StandingTests
{
    private const string Subject = "\"subject\":{\"reference\":\"Patient/p\"}";

    [TestCase("preliminary")]
    [TestCase("registered")]
    [TestCase("corrected")]
    public async Task A_result_that_is_not_simply_final_is_marked_in_the_manifest_and_beside_its_line(string status)
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(Result("o", status), Result("f", "final")), PackageForm.Document);

        Assert.Multiple(() =>
        {
            Assert.That(package.Manifest.Included.Single(i => i.Source.EndsWith("/o", StringComparison.Ordinal)).Status, Is.EqualTo(status));
            Assert.That(package.Manifest.Included.Single(i => i.Source.EndsWith("/f", StringComparison.Ordinal)).Status, Is.Null);
            Assert.That(Lines(package, "Results"), Does.Contain($"PSA {status}"));
        });
    }

    [Test]
    public async Task A_draft_of_a_document_is_marked_though_it_is_the_current_one()
    {
        var package = await BuiltPackage.Of(
            new RecordBuilder().With($$"""{"resourceType":"DocumentReference","id":"d","status":"current","docStatus":"preliminary","description":"Letter",{{Subject}},"content":[{"attachment":{"title":"x"} }]}"""), PackageForm.Document);

        Assert.That(package.Manifest.Included.Single(i => i.Source.EndsWith("/d", StringComparison.Ordinal)).Status, Is.EqualTo("preliminary"));
        Assert.That(Lines(package, "Documents"), Has.Some.Contains("preliminary"));
    }

    [TestCase("'identifier':[{'system':'urn:dicom:uid','value':'urn:oid:2.25.1'}],'endpoint':[{'reference':'Endpoint/e'}]", true, "dicom-wado-rs", "study UID given, images by dicom-wado-rs")]
    [TestCase("'identifier':[{'system':'urn:dicom:uid','value':'urn:oid:2.25.1'}],'series':[{'uid':'1','endpoint':[{'reference':'Endpoint/e'}]}]", true, "dicom-wado-rs", "study UID given, images by dicom-wado-rs")]
    [TestCase("'identifier':[{'system':'urn:ris','value':'7'}],'endpoint':[{'reference':'Endpoint/elsewhere'}]", false, null, "no study UID, no address of the images")]
    public async Task A_study_says_whether_its_images_can_be_had(string elements, bool uid, string? access, string words)
    {
        var package = await BuiltPackage.Of(
            new RecordBuilder().With(
                $$"""{"resourceType":"ImagingStudy","id":"s","status":"available","description":"CT abdomen",{{Subject}},{{elements.Replace('\'', '"')}}}""",
                """{"resourceType":"Endpoint","id":"e","status":"active","connectionType":{"code":"dicom-wado-rs"},"payloadType":[{"text":"DICOM"}],"address":"https://pacs.example/wado"}"""),
            PackageForm.Document);

        var told = package.Manifest.Imaging.Single();
        Assert.Multiple(() =>
        {
            Assert.That((told.Study, told.StudyUid, string.Join(',', told.Access)), Is.EqualTo(("ImagingStudy/s", uid, access ?? "")));
            Assert.That(Lines(package, "Imaging"), Does.Contain($"CT abdomen available; {words}"));
        });
    }

    private static string Result(string id, string status) => $$"""{"resourceType":"Observation","id":"{{id}}","status":"{{status}}","code":{"text":"PSA"},{{Subject}}}""";

    /// <summary>Each row of the section's table, its cells one after the other.</summary>
    private static IEnumerable<string> Lines(BuiltPackage package, string section)
        => BuiltPackage.Narrative(package.Section(section)).Descendants().Where(e => e.Name.LocalName == "tr")
            .Select(row => string.Join(' ', row.Elements().Select(cell => cell.Value).Where(text => text.Length > 0)));
}
