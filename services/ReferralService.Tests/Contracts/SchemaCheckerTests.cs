using System.Text.Json;

namespace ReferralService.Tests.Contracts;

/// <summary>The instrument itself: it finds what is wrong, and refuses rules that it does not know.</summary>
[TestFixture]
internal sealed class SchemaCheckerTests
{
    private const string Event = "status-event";

    [TestCase("""{"specversion":"1.0"}""", "missing")]
    [TestCase("""{"specversion":"0.3"}""", "$.specversion: is not 1.0")]
    [TestCase("""{"time":"22.11.2026"}""", "$.time: is no date-time")]
    [TestCase("""{"time":"2026-11-22T10:00:00"}""", "$.time: is no date-time")]
    [TestCase("""{"sequence":0}""", "$.sequence: is below 1")]
    [TestCase("""{"sequence":1.5}""", "$.sequence: is Number, not integer")]
    [TestCase("""{"id":"no uuid"}""", "$.id: is no uuid")]
    [TestCase("""{"type":"referral.lost"}""", "$.type: is none of the values allowed")]
    [TestCase("""{"data":{"serviceRequest":"https://ehr.example.org/ServiceRequest/1"}}""", "$.data.serviceRequest: does not match")]
    [TestCase("""{"data":{"recipient":7}}""", "$.data.recipient: is Number")]
    [TestCase("""[]""", "$: is Array, not object")]
    public void A_fault_is_found(string document, string expected)
    {
        var faults = SchemaChecker.Check(Schema(Event), JsonDocument.Parse(document).RootElement);

        Assert.That(faults, Has.Some.Contains(expected));
    }

    [Test]
    public void A_command_that_fits_no_shape_is_found()
        => Assert.That(
            SchemaChecker.Check(Schema("referral-command"), JsonDocument.Parse("""{"command":"submit","id":"0b2c1f2e-0000-4000-8000-000000000001"}""").RootElement),
            Is.Not.Empty);

    [Test]
    public void A_rule_that_is_not_known_is_an_error()
        => Assert.That(
            () => SchemaChecker.Check(JsonDocument.Parse("""{"maxItems":1}""").RootElement, JsonDocument.Parse("[]").RootElement),
            Throws.TypeOf<NotSupportedException>());

    private static JsonElement Schema(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(ContractFiles.Schemas, $"{name}.json"))).RootElement;
}
