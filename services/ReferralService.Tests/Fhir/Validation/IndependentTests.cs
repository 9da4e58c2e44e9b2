using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Flow;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Fhir.Validation;

/// <summary>What we send and show, held against a validator that nobody here wrote: packages of every form with marks, Provenance and the Part 2 notice, and the AuditEvents of their delivery.</summary>
/// <remarks>Needs that validator: R4_PEERS names its folder, its packages installed.</remarks>
[Category("Agreement")]
internal sealed class IndependentTests : WalkScene
{
    /// <summary>One that only carries, of records that are not asked about here.</summary>
    private const string Treatment = """
        {"resourceType":"Condition","id":"treated","meta":{"versionId":"1","security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"42CFRPart2"}]},
         "clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"text":"In treatment"},"subject":{"reference":"Patient/patient-s11"}}
        """;

    private const string Consent = """
        {"resourceType":"Consent","id":"named","meta":{"versionId":"2"},"status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
         "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],"patient":{"reference":"Patient/patient-s11"},"dateTime":"2026-11-01","policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTIN"}]},
         "provision":{"type":"permit","securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"N"},{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"42CFRPart2"}]}}
        """;

    private string _peers = "";

    [SetUp]
    public void Find()
    {
        _peers = Environment.GetEnvironmentVariable("R4_PEERS") ?? "";
        if (!File.Exists(Path.Combine(_peers, "validate.mjs"))) Assert.Ignore("R4_PEERS names no folder with the independent validator (validate.mjs, npm ci done): what we send was not held against it.");
    }

    [Test]
    public async Task Packages_of_every_form_and_the_disclosures_of_them_have_no_fault()
    {
        await using var third = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { StoresBundles = false, Transactions = TransactionMode.Atomic });
        await using var service = await RunningService.StartAsync(Settings(
            ("Recipients:east:Form", "Document"), ("Recipients:west:Form", "Collection"), ("Recipients:third:BaseUrl", third.Base), ("Recipients:third:Form", "Transaction")));
        Ehr.Load(Treatment);
        Ehr.Load(Consent);
        var order = WriteCase(CasePerformer.UrologyEast);
        var folder = Directory.CreateTempSubdirectory("independent-");
        try
        {
            foreach (string recipient in new[] { "east", "west", "third" })
            {
                string id = await service.SubmitAsync(order, recipient);
                await service.UntilAsync(id, "delivered");
                byte[] package = await service.Http.GetByteArrayAsync($"/api/referrals/{id}/package");
                Assert.That(Encoding.UTF8.GetString(package), Does.Contain("42 CFR part 2").And.Contain("\"Provenance\"").And.Contain("\"security\":[").And.Contain("In treatment"), recipient);
                await File.WriteAllBytesAsync(Path.Combine(folder.FullName, $"package-{recipient}.json"), package);
            }

            byte[] told = await service.Http.GetByteArrayAsync("/fhir/AuditEvent?patient=Patient/patient-s11");
            Assert.That(JsonDocument.Parse(told).RootElement.GetProperty("entry").GetArrayLength(), Is.EqualTo(3));
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "disclosures.json"), told);

            var (_, text) = NodeProgram.Run(_peers, ["validate.mjs", "--json", .. Directory.EnumerateFiles(folder.FullName).Order()]);
            var faults = JsonNode.Parse(text)!.AsArray().SelectMany(file => file!["items"]!.AsArray().Where(i => i!["severity"]!.ToString() == "error")
                .Select(i => $"{Path.GetFileName(file["file"]!.ToString())}: {i!["rule"]} {i["location"]} {i["message"]}")).ToList();
            foreach (string fault in faults) await TestContext.Out.WriteLineAsync(fault);

            Assert.That(faults, Is.Empty);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
