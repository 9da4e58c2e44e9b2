using System.Text;
using ReferralService.Fhir.Validation;

namespace ReferralService.Tests.Fhir.Validation;

/// <summary>Each invariant seen broken, and alone in being broken.</summary>
public sealed class AuthoredCheckTests
{
    private const string Text = "\"text\":{\"status\":\"generated\",\"div\":\"<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\">x</div>\"}";
    private const string Document = "\"resourceType\":\"Bundle\",\"type\":\"document\",\"identifier\":{\"system\":\"urn:ietf:rfc:3986\",\"value\":\"urn:uuid:1\"},\"timestamp\":\"2026-01-01T00:00:00Z\"";
    private const string Head = "{\"fullUrl\":\"urn:uuid:1\",\"resource\":{\"resourceType\":\"Composition\",\"status\":\"final\",\"type\":{\"text\":\"x\"},\"date\":\"2026\",\"author\":[{\"display\":\"x\"}],\"title\":\"x\"," + Text + "}}";
    private const string Ucum = "\"system\":\"http://unitsofmeasure.org\"";

    // Composition
    [TestCase("cmp-1", "Composition.section[0]", "{\"resourceType\":\"Composition\",\"status\":\"final\",\"type\":{\"text\":\"x\"},\"date\":\"2026\",\"author\":[{\"display\":\"x\"}],\"title\":\"x\",\"section\":[{\"title\":\"x\"}]," + Text + "}")]
    [TestCase("cmp-2", "Composition.section[0].section[0]", "{\"resourceType\":\"Composition\",\"status\":\"final\",\"type\":{\"text\":\"x\"},\"date\":\"2026\",\"author\":[{\"display\":\"x\"}],\"title\":\"x\",\"section\":[{\"section\":[{\"entry\":[{\"display\":\"x\"}],\"emptyReason\":{\"text\":\"x\"}}]}]," + Text + "}")]
    // Task, AuditEvent
    [TestCase("inv-1", "Task", "{\"resourceType\":\"Task\",\"status\":\"requested\",\"intent\":\"order\",\"authoredOn\":\"2026-02-01\",\"lastModified\":\"2026-01-01\"," + Text + "}")]
    [TestCase("sev-1", "AuditEvent.entity[0]", "{\"resourceType\":\"AuditEvent\",\"type\":{\"code\":\"x\"},\"recorded\":\"2026-01-01T00:00:00Z\",\"agent\":[{\"requestor\":true}],\"source\":{\"observer\":{\"display\":\"x\"}},\"entity\":[{\"name\":\"x\",\"query\":\"eHg=\"}]," + Text + "}")]
    // Bundle
    [TestCase("bdl-1", "Bundle", "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"total\":1}")]
    [TestCase("bdl-2", "Bundle.entry[0]", "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":{\"resourceType\":\"Binary\",\"contentType\":\"a/b\"},\"search\":{\"mode\":\"match\"}}]}")]
    [TestCase("bdl-3", "Bundle.entry[0]", "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{\"resource\":{\"resourceType\":\"Binary\",\"contentType\":\"a/b\"}}]}")]
    [TestCase("bdl-4", "Bundle.entry[0]", "{\"resourceType\":\"Bundle\",\"type\":\"transaction-response\",\"entry\":[{\"resource\":{\"resourceType\":\"Binary\",\"contentType\":\"a/b\"}}]}")]
    [TestCase("bdl-5", "Bundle.entry[0]", "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"fullUrl\":\"urn:uuid:1\"}]}")]
    [TestCase("bdl-7", "Bundle.entry[1]", "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"fullUrl\":\"urn:uuid:1\",\"resource\":{\"resourceType\":\"Binary\",\"contentType\":\"a/b\"}},{\"fullUrl\":\"urn:uuid:1\",\"resource\":{\"resourceType\":\"Binary\",\"contentType\":\"a/b\"}}]}")]
    [TestCase("bdl-8", "Bundle.entry[0]", "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"fullUrl\":\"http://x/Binary/1/_history/1\",\"resource\":{\"resourceType\":\"Binary\",\"contentType\":\"a/b\"}}]}")]
    [TestCase("bdl-9", "Bundle", "{\"resourceType\":\"Bundle\",\"type\":\"document\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"entry\":[" + Head + "]}")]
    [TestCase("bdl-10", "Bundle", "{\"resourceType\":\"Bundle\",\"type\":\"document\",\"identifier\":{\"system\":\"urn:x\",\"value\":\"1\"},\"entry\":[" + Head + "]}")]
    [TestCase("bdl-11", "Bundle", "{" + Document + ",\"entry\":[{\"fullUrl\":\"urn:uuid:2\",\"resource\":{\"resourceType\":\"Binary\",\"contentType\":\"a/b\"}}," + Head + "]}")]
    [TestCase("bdl-12", "Bundle", "{\"resourceType\":\"Bundle\",\"type\":\"message\",\"entry\":[" + Head + "]}")]
    // Resources
    [TestCase("dom-2", "Device.contained[0].contained[0]", "{\"resourceType\":\"Device\",\"owner\":{\"reference\":\"#o\"},\"contained\":[{\"resourceType\":\"Organization\",\"id\":\"o\",\"contained\":[{\"resourceType\":\"Organization\",\"id\":\"p\"}],\"partOf\":{\"reference\":\"#p\"}}]," + Text + "}")]
    [TestCase("dom-3", "Device.contained[0]", "{\"resourceType\":\"Device\",\"contained\":[{\"resourceType\":\"Organization\",\"id\":\"o\"}]," + Text + "}")]
    [TestCase("dom-4", "Device.contained[0].meta", "{\"resourceType\":\"Device\",\"owner\":{\"reference\":\"#o\"},\"contained\":[{\"resourceType\":\"Organization\",\"id\":\"o\",\"meta\":{\"lastUpdated\":\"2026-01-01T00:00:00Z\"}}]," + Text + "}")]
    [TestCase("dom-5", "Device.contained[0].meta", "{\"resourceType\":\"Device\",\"owner\":{\"reference\":\"#o\"},\"contained\":[{\"resourceType\":\"Organization\",\"id\":\"o\",\"meta\":{\"security\":[{\"code\":\"R\"}]}}]," + Text + "}")]
    [TestCase("dom-6", "Device", "{\"resourceType\":\"Device\"}")]
    [TestCase("ref-1", "Device.owner.reference", "{\"resourceType\":\"Device\",\"owner\":{\"reference\":\"#o\"}," + Text + "}")]
    [TestCase("txt-2", "Device.text.div", "{\"resourceType\":\"Device\",\"text\":{\"status\":\"generated\",\"div\":\"<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\"/>\"}}")]
    public void A_broken_rule_is_named_by_its_key(string key, string path, string json)
        => Assert.That(Told(json), Is.EqualTo($"{key} {path}"));

    // Datatypes, each as an extension's value.
    [TestCase("per-1", "Period", "{\"start\":\"2026-02\",\"end\":\"2026-01-01T00:00:00Z\"}")]
    [TestCase("qty-3", "Quantity", "{\"value\":1,\"code\":\"mg\"}")]
    [TestCase("age-1", "Age", "{\"value\":-1,\"code\":\"a\"," + Ucum + "}")]
    [TestCase("cnt-3", "Count", "{\"value\":1.0,\"code\":\"1\"," + Ucum + "}")]
    [TestCase("dis-1", "Distance", "{\"value\":1}")]
    [TestCase("drt-1", "Duration", "{\"code\":\"h\"," + Ucum + "}")]
    [TestCase("rng-2", "Range", "{\"low\":{\"value\":2},\"high\":{\"value\":1}}")]
    [TestCase("rat-1", "Ratio", "{\"numerator\":{\"value\":2}}")]
    [TestCase("att-1", "Attachment", "{\"data\":\"eHg=\"}")]
    [TestCase("cpt-2", "ContactPoint", "{\"value\":\"1\"}")]
    [TestCase("exp-1", "Expression", "{\"language\":\"text/cql\"}")]
    [TestCase("trd-2", "TriggerDefinition", "{\"type\":\"named-event\",\"name\":\"x\",\"condition\":{\"language\":\"text/cql\",\"expression\":\"x\"}}")]
    [TestCase("trd-3", "TriggerDefinition", "{\"type\":\"periodic\"}")]
    [TestCase("trd-1", "TriggerDefinition", "{\"type\":\"periodic\",\"timingDate\":\"2026\",\"data\":[{\"type\":\"Patient\"}]}")]
    public void A_datatypes_broken_rule_is_named_by_its_key(string key, string type, string value)
        => Assert.That(Told(Extended(type, value)), Is.EqualTo($"{key} Device.extension[0].value{type}"));

    [TestCase("tim-1", "{\"duration\":1}")]
    [TestCase("tim-2", "{\"period\":1}")]
    [TestCase("tim-4", "{\"duration\":-1,\"durationUnit\":\"h\"}")]
    [TestCase("tim-5", "{\"period\":-1,\"periodUnit\":\"h\"}")]
    [TestCase("tim-6", "{\"periodMax\":1}")]
    [TestCase("tim-7", "{\"durationMax\":1}")]
    [TestCase("tim-8", "{\"countMax\":1}")]
    [TestCase("tim-9", "{\"offset\":1,\"when\":[\"C\"]}")]
    [TestCase("tim-10", "{\"timeOfDay\":[\"12:00:00\"],\"when\":[\"MORN\"]}")]
    public void A_timings_broken_rule_is_named_by_its_key(string key, string repeat)
        => Assert.That(Told(Extended("Timing", $"{{\"repeat\":{repeat}}}")), Is.EqualTo($"{key} Device.extension[0].valueTiming.repeat"));

    [TestCase("drq-1", "codeFilter")]
    [TestCase("drq-2", "dateFilter")]
    public void A_filter_names_a_path_or_a_parameter(string key, string filter)
        => Assert.That(Told(Extended("DataRequirement", $"{{\"type\":\"Patient\",\"{filter}\":[{{\"path\":\"x\",\"searchParam\":\"x\"}}]}}")), Is.EqualTo($"{key} Device.extension[0].valueDataRequirement.{filter}[0]"));

    [TestCase("Period", "{\"start\":\"2026-01\",\"end\":\"2026\"}")]
    [TestCase("Period", "{\"start\":\"2026-01-01T23:00:00-05:00\",\"end\":\"2026-01-02T05:00:00+01:00\"}")]
    [TestCase("Range", "{\"low\":{\"value\":2,\"unit\":\"mg\"},\"high\":{\"value\":1,\"unit\":\"g\"}}")]
    [TestCase("Count", "{\"value\":3,\"code\":\"1\"," + Ucum + "}")]
    public void What_cannot_be_said_to_be_wrong_is_not_said(string type, string value) => Assert.That(Told(Extended(type, value)), Is.Empty);

    [Test]
    public void An_envelope_is_checked_without_what_it_carries()
    {
        byte[] bundle = Encoding.UTF8.GetBytes("{" + Document + ",\"entry\":[" + Head.Replace("\"final\"", "\"nonsense\"") + "]}");
        Assert.That((AuthoredCheck.Check(bundle).Errors, AuthoredCheck.CheckEnvelope(bundle).Errors), Is.EqualTo((1, 0)));
    }

    private static string Extended(string type, string value) => $"{{\"resourceType\":\"Device\",\"extension\":[{{\"url\":\"http://example.org/x\",\"value{type}\":{value}}}],{Text}}}";

    private static string Told(string json) => string.Join('|', AuthoredCheck.Check(Encoding.UTF8.GetBytes(json)).Findings.Select(f => $"{f.Rule ?? f.Code} {f.Path}"));
}
