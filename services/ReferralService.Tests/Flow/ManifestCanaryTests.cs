using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ReferralService.Ledger;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>A marker in every text of a record, and where R4 wants a date, a version, a code, a reference, an element: manifests and disclosures speak of the record by ids, dates and codes, and never in its words.</summary>
internal sealed class ManifestCanaryTests : WalkScene
{
    private const string Canary = "zzphi";

    /// <summary>Marked where the schema promises something else than text.</summary>
    private static readonly string[] Odd =
    [
        """{"resourceType":"Observation","id":"odd-date","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"1834-1"}]},"subject":{"reference":"Patient/patient-s14"},"effectiveDateTime":"zzphi of May","valueQuantity":{"value":4200,"unit":"ng/mL"}}""",
        """{"resourceType":"Observation","id":"odd-version","meta":{"versionId":"zzphi said so"},"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}],"text":"zzphi"}],"code":{"coding":[{"system":"http://loinc.org","code":"33914-3","display":"zzphi"}]},"subject":{"reference":"Patient/patient-s14"},"effectiveDateTime":"2026-11-20","zzphi lives here":"zzphi","valueQuantity":{"value":7,"comparator":"zzphi","unit":"zzphi"},"interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"HH","display":"zzphi"}]}]}""",
        """{"resourceType":"DiagnosticReport","id":"odd-reference","status":"final","code":{"text":"zzphi"},"subject":{"reference":"Patient/patient-s14"},"effectiveDateTime":"2026-11-01","result":[{"reference":"see the letter of zzphi"},{"reference":"Observation?identifier=zzphi"},{"reference":"Observation/missing","display":"zzphi"}],"presentedForm":[{"contentType":"text/plain","url":"zzphi letter.txt"}]}""",
        """{"resourceType":"Consent","id":"odd-consent","meta":{"versionId":"1","security":[{"system":"zzphi","code":"zzphi","display":"zzphi"}]},"status":"inactive","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}],"text":"zzphi"},"category":[{"text":"zzphi"}],"patient":{"reference":"Patient/patient-s14"},"dateTime":"when zzphi was ill","policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTIN"}],"text":"zzphi"},"provision":{"type":"permit","provision":[{"type":"deny","securityLabel":[{"system":"zzphi","code":"zzphi"}]}]}}""",
    ];

    [Test]
    public async Task Manifest_preview_and_disclosures_have_no_word_of_the_record()
    {
        await using var service = await RunningService.StartAsync(Settings(("Recipients:east:Form", "Document"), ("Consent:Default", "Permit")));
        string order = Write(SecondOpinionCase.Sensitive(seed: 14, Day, CasePerformer.UrologyEast));

        string preview = await PreviewAsync(service, order);
        string id = await service.SubmitAsync(order, "east");
        await service.UntilAsync(id, "delivered");
        string package = await service.Http.GetStringAsync($"/api/referrals/{id}/package");
        var shown = new Dictionary<string, string>
        {
            ["preview"] = preview,
            ["manifest"] = await service.Http.GetStringAsync($"/api/referrals/{id}/manifest"),
            ["disclosures"] = await service.Http.GetStringAsync("/fhir/AuditEvent"),
            ["referral"] = await service.Http.GetStringAsync($"/api/referrals/{id}"),
            ["list"] = await service.Http.GetStringAsync("/api/referrals"),
            ["partners"] = await service.Http.GetStringAsync("/api/partners"),
            ["detail"] = await service.Http.GetStringAsync("/health/detail"),
            ["metrics"] = await service.Http.GetStringAsync("/metrics"),
            ["ready"] = await service.Http.GetStringAsync("/health/ready"),
            ["table disclosure"] = string.Join('\n', await DisclosureRowsAsync(service)),
        };

        Assert.Multiple(() =>
        {
            Assert.That(package, Does.Contain(Canary).IgnoreCase, "the record did carry the marker");
            foreach (var (where, text) in shown) Assert.That(Found(text), Is.Empty, where);
            Assert.That(shown["manifest"], Does.Contain("withheld").And.Contain("odd-version").And.Contain("\"alarms\":[{").And.Contain("unknown-code"), "there was something to tell in each part");
            Assert.That(shown["disclosures"], Does.Contain("Patient/patient-s14"));
        });
    }

    [Test]
    public async Task A_referral_that_is_held_for_its_record_says_so_in_no_word_of_it()
    {
        await using var service = await RunningService.StartAsync(Settings(("Recipients:east:Form", "Document"), ("Consent:Default", "Permit"), ("Validation:Carried", "Hold")));
        string order = Write(SecondOpinionCase.Sensitive(seed: 14, Day, CasePerformer.UrologyEast));

        string preview = await PreviewAsync(service, order);
        string id = await service.SubmitAsync(order, "east");
        var held = await service.UntilAsync(id, "held");

        Assert.Multiple(() =>
        {
            Assert.That(held.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("record-invalid"));
            Assert.That(Found(held.GetRawText()), Is.Empty, "referral");
            Assert.That(Found(preview), Is.Empty, "preview");
        });
    }

    private static IEnumerable<string> Found(string text)
    {
        for (int at = text.IndexOf(Canary, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(Canary, at + 1, StringComparison.OrdinalIgnoreCase))
            yield return text[Math.Max(0, at - 80)..Math.Min(text.Length, at + 40)];
    }

    private static async Task<string> PreviewAsync(RunningService service, string order)
    {
        using var answer = await service.Http.PostAsJsonAsync("/api/referrals/preview", new { ehr = "main", serviceRequest = order, recipient = "east" });
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Whole rows, in clear as without Vault:KeyFile they are.</summary>
    private static Task<List<string>> DisclosureRowsAsync(RunningService service)
        => service.Services.GetRequiredService<LedgerDatabase>().ReadAsync(
            s => s.ReadRowsAsync("SELECT patient, key_id, body FROM disclosure", new Values(), r => $"{r.GetString(0)} {Encoding.UTF8.GetString(r.GetFieldValue<byte[]>(2))}", CancellationToken.None), CancellationToken.None);

    private string Write(SecondOpinionCase story)
    {
        foreach (var resource in story.Record) Ehr.Load(Marked(resource.Utf8.Span));
        foreach (string resource in Odd) Ehr.Load(resource);
        return Ehr.Write(Marked(story.Order.Utf8.Span));
    }

    private static string Marked(ReadOnlySpan<byte> resource)
    {
        var root = JsonNode.Parse(resource)!;
        Mark(root);
        return root.ToJsonString();
    }

    /// <summary>Every text that is not a code, an id, a reference, a date or an address.</summary>
    private static void Mark(JsonNode node)
    {
        string[] texts = ["family", "text", "display", "line", "city", "conclusion", "title", "valueString", "description", "div", "name", "comment", "subscriberId", "onsetString"];
        if (node is JsonArray items)
        {
            for (int i = 0; i < items.Count; i++)
            {
                if (items[i] is JsonObject or JsonArray) Mark(items[i]!);
            }

            return;
        }

        foreach (var (name, value) in node.AsObject().ToList())
        {
            if (value is JsonValue text && text.TryGetValue(out string? words) && (texts.Contains(name) || (name == "value" && node["system"] is not null)))
                node[name] = name == "div" ? words.Replace("<p>", $"<p>{Canary} ", StringComparison.Ordinal) : $"{Canary} {words}";
            else if (name is "given" or "line" or "prefix") node[name] = new JsonArray(Canary);
            else if (value is JsonObject or JsonArray) Mark(value);
        }
    }
}
