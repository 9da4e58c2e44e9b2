using System.Text.Json;

namespace ReferralService.Tests.Contracts;

/// <summary>Each rule of the gate on a made-up pair that it tells and on one that it passes. A pair is read from what was released to what is now.</summary>
[TestFixture]
internal sealed class SchemaDiffPairTests
{
    private const string Map = """{"additionalProperties":{"type":"integer"}}""";
    private const string Text = """{"type":"string"}""";
    private const string Nullable = """{"anyOf":[{"$ref":"#/$defs/x"},{"type":"null"}],"$defs":{"x":{"type":"object","properties":{"a":{"type":"string"}}}}}""";

    [TestCase("Sent", Map, """{"additionalProperties":{"type":"string"}}""", "${} is retyped from \"integer\" to \"string\"")]
    [TestCase("Received", Map, """{"additionalProperties":{"type":"string"}}""", "${} is retyped from \"integer\" to \"string\"")]
    [TestCase("Sent", Map, "{}", "${} may now be anything: it has no additionalProperties")]
    [TestCase("Sent", Map, """{"additionalProperties":false}""", "${} is no longer taken or sent")]
    [TestCase("Received", "{}", Map, "${} is no longer anything: it has additionalProperties")]
    [TestCase("Sent", Map, """{"additionalProperties":{"type":"integer"},"properties":{"a":{"type":"string"}}}""", "$.a is retyped from \"integer\" to \"string\"")]
    [TestCase("Received", Text, """{"type":"string","enum":["a"]}""", "$ is now one of a list of words")]
    [TestCase("Sent", """{"enum":["a"]}""", "{}", "$ is no longer one of a list of words")]
    [TestCase("Received", "{}", """{"items":{"type":"string"}}""", "$[] is no longer anything: it has items")]
    [TestCase("Sent", """{"items":{"type":"string"}}""", "{}", "$[] may now be anything: it has no items")]
    [TestCase("Received", "{}", """{"anyOf":[{"type":"string"}]}""", "$ now takes only some shapes: it has anyOf")]
    [TestCase("Sent", """{"anyOf":[{"type":"string"}]}""", """{"anyOf":[{"type":"string"},{"type":"null"}]}""", "$ may now be of the shape null")]
    [TestCase("Sent", """{"anyOf":[{"type":"string"}]}""", "{}", "$ no longer has the shape string")]
    [TestCase("Received", "{}", """{"multipleOf":2}""", "$ has another multipleOf")]
    [TestCase("Received", """{"multipleOf":2}""", """{"multipleOf":4}""", "$ has another multipleOf")]
    [TestCase("Sent", """{"multipleOf":4}""", """{"multipleOf":2}""", "$ has another multipleOf")]
    [TestCase("Received", "{}", """{"exclusiveMinimum":0}""", "$ has another exclusiveMinimum")]
    [TestCase("Sent", """{"exclusiveMaximum":9}""", "{}", "$ has another exclusiveMaximum")]
    [TestCase("Received", "{}", """{"maxProperties":9}""", "$ has another maxProperties")]
    [TestCase("Received", "{}", """{"uniqueItems":true}""", "$ has another uniqueItems")]
    [TestCase("Received", """{"default":1}""", """{"default":2}""", "$ has another default")]
    [TestCase("Sent", """{"allOf":[{"properties":{"a":{"type":"string"}}}]}""", """{"allOf":[{"properties":{"a":{"type":"integer"}}}]}""", "$&0.a is retyped from \"string\" to \"integer\"")]
    [TestCase("Sent", """{"allOf":[{"type":"object"}]}""", "{}", "$&0 is removed")]
    [TestCase("Received", "{}", """{"allOf":[{"required":["a"]}]}""", "$&0 must now also be met")]
    [TestCase("Sent", Nullable, """{"anyOf":[{"$ref":"#/$defs/x"},{"type":"null"}],"$defs":{"x":{"type":"object","properties":{"b":{"type":"string"}}}}}""", "$<object>.a is removed")]
    [TestCase("Sent", """{"required":["a"]}""", "{}", "$.a is no longer always there")]
    [TestCase("Sent", """{"not":{"type":"string"}}""", """{"not":{"type":"string"}}""", "$ has not, which no rule compares")]
    [TestCase("Received", "{}", """{"patternProperties":{}}""", "$ has patternProperties, which no rule compares")]
    [TestCase("Sent", """{"items":{"type":"array","prefixItems":[]}}""", """{"items":{"type":"array"}}""", "$[] has prefixItems, which no rule compares")]
    [TestCase("Sent", """{"$ref":"#/$defs/x","minLength":1,"$defs":{"x":{}}}""", """{"$ref":"#/$defs/x","$defs":{"x":{}}}""", "$ has minLength, which no rule compares")]
    [TestCase("Sent", """{"$ref":"./a.json"}""", """{"$ref":"./b.json"}""", "$ is another file")]
    public void A_break_is_told(string direction, string before, string after, string told)
        => Assert.That(Between(direction, before, after), Is.EqualTo(new[] { told }));

    [TestCase("Sent", "{}", Map)]
    [TestCase("Received", Map, "{}")]
    [TestCase("Sent", """{"additionalProperties":false}""", Map)]
    [TestCase("Sent", "{}", """{"additionalProperties":false}""")]
    [TestCase("Sent", Map, """{"additionalProperties":{"type":"integer"},"properties":{"a":{"type":"integer"}}}""")]
    [TestCase("Sent", Text, """{"type":"string","enum":["a"]}""")]
    [TestCase("Received", """{"enum":["a"]}""", "{}")]
    [TestCase("Sent", "{}", """{"items":{"type":"string"}}""")]
    [TestCase("Received", """{"items":{"type":"string"}}""", """{"items":true}""")]
    [TestCase("Received", """{"anyOf":[{"type":"string"}]}""", """{"anyOf":[{"type":"null"},{"type":"string"}]}""")]
    [TestCase("Sent", """{"anyOf":[{"properties":{"c":{"const":"a"}}}]}""", """{"anyOf":[{"properties":{"c":{"const":"a"}}},{"properties":{"c":{"const":"b"}}}]}""")]
    [TestCase("Received", """{"multipleOf":4}""", """{"multipleOf":2}""")]
    [TestCase("Sent", """{"multipleOf":2}""", """{"multipleOf":4}""")]
    [TestCase("Received", """{"exclusiveMinimum":0}""", """{"exclusiveMinimum":-1}""")]
    [TestCase("Sent", """{"exclusiveMaximum":9}""", """{"exclusiveMaximum":8}""")]
    [TestCase("Received", """{"maxProperties":9}""", "{}")]
    [TestCase("Received", """{"uniqueItems":true}""", "{}")]
    [TestCase("Received", "{}", """{"default":2}""")]
    [TestCase("Sent", """{"allOf":[{"type":"object"}]}""", """{"allOf":[{"type":"object"},{"required":["a"]}]}""")]
    [TestCase("Sent", Nullable, """{"anyOf":[{"type":"null"},{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}]}""")]
    [TestCase("Received", """{"required":["a"]}""", "{}")]
    [TestCase("Sent", """{"$ref":"#/$defs/x","$defs":{"x":{"type":"string"}}}""", """{"$ref":"#/$defs/y","description":"said better","$defs":{"y":{"type":"string"}}}""")]
    [TestCase("Sent", """{"$ref":"#/$defs/x","$defs":{"x":{"properties":{"next":{"$ref":"#/$defs/x"}}}}}""", """{"$ref":"#/$defs/x","$defs":{"x":{"properties":{"next":{"$ref":"#/$defs/x"}}}}}""")]
    [TestCase("Sent", """{"$ref":"./a.json"}""", """{"$ref":"./a.json"}""")]
    public void What_breaks_nobody_passes(string direction, string before, string after)
        => Assert.That(Between(direction, before, after), Is.Empty);

    private static IReadOnlyList<string> Between(string direction, string before, string after)
        => SchemaDiff.Between(Enum.Parse<MessageDirection>(direction), JsonDocument.Parse(before).RootElement, JsonDocument.Parse(after).RootElement);
}
