using System.Text.Json;

namespace ReferralService.Tests.Contracts;

/// <summary>The gate on made-up pairs: what breaks whom, and what breaks nobody.</summary>
[TestFixture]
internal sealed class SchemaDiffTests
{
    private static readonly string Before = """
        {"type":"object","required":["id","state"],"properties":{
          "id":{"type":"string","format":"uuid"},"state":{"type":"string","enum":["a","b"]},"note":{"type":["string","null"],"maxLength":10},
          "list":{"type":"array","items":{"type":"object","properties":{"x":{"type":"integer"}}}}}}
        """;

    [TestCase("both", "\"note\":{\"type\":[\"string\",\"null\"],\"maxLength\":10},", "", "$.note is removed")]
    [TestCase("both", "\"x\":{\"type\":\"integer\"}", "\"y\":{\"type\":\"integer\"}", "$.list[].x is removed")]
    [TestCase("both", "\"x\":{\"type\":\"integer\"}", "\"x\":{\"type\":\"string\"}", "$.list[].x is retyped from \"integer\" to \"string\"")]
    [TestCase("both", "\"enum\":[\"a\",\"b\"]", "\"enum\":[\"a\"]", "$.state no longer has the word b")]
    [TestCase("both", "\"format\":\"uuid\"", "\"format\":\"date-time\"", "$.id has another format")]
    [TestCase("Sent", "[\"id\",\"state\"]", "[\"id\"]", "$.state is no longer always there")]
    [TestCase("Sent", "\"type\":\"string\",\"format\"", "\"type\":[\"string\",\"null\"],\"format\"", "$.id is retyped from \"string\" to [\"string\",\"null\"]")]
    [TestCase("Sent", "\"maxLength\":10", "\"maxLength\":11", "$.note has another maxLength")]
    [TestCase("Received", "[\"id\",\"state\"]", "[\"id\",\"state\",\"note\"]", "$.note is now required")]
    [TestCase("Received", "[\"string\",\"null\"]", "[\"string\"]", "$.note is retyped from [\"string\",\"null\"] to [\"string\"]")]
    [TestCase("Received", "\"maxLength\":10", "\"maxLength\":9", "$.note has another maxLength")]
    [TestCase("Received", "{\"type\":\"object\",\"required\"", "{\"type\":\"object\",\"additionalProperties\":false,\"required\"", "${} is no longer taken or sent")]
    public void A_break_is_told(string direction, string from, string to, string told)
    {
        foreach (var one in direction == "both" ? Enum.GetNames<MessageDirection>() : [direction])
        {
            Assert.That(Breaks(one, from, to), Is.EqualTo(new[] { told }), one);
        }
    }

    [TestCase("both", "\"properties\":{", "\"properties\":{\"more\":{\"type\":\"string\"},")]
    [TestCase("both", "\"enum\":[\"a\",\"b\"]", "\"enum\":[\"a\",\"b\",\"c\"]")]
    [TestCase("both", "{\"type\":\"object\",\"required\"", "{\"description\":\"said better\",\"type\":\"object\",\"required\"")]
    [TestCase("Sent", "[\"id\",\"state\"]", "[\"id\",\"state\",\"note\"]")]
    [TestCase("Sent", "[\"string\",\"null\"]", "[\"string\"]")]
    [TestCase("Received", "[\"id\",\"state\"]", "[\"id\"]")]
    [TestCase("Received", "\"type\":\"string\",\"format\"", "\"type\":[\"string\",\"null\"],\"format\"")]
    public void What_breaks_nobody_passes(string direction, string from, string to)
    {
        foreach (var one in direction == "both" ? Enum.GetNames<MessageDirection>() : [direction])
        {
            Assert.That(Breaks(one, from, to), Is.Empty, one);
        }
    }

    [Test]
    public void A_shape_that_is_gone_is_told_by_its_constant()
    {
        const string Two = """{"anyOf":[{"properties":{"command":{"const":"submit"}}},{"properties":{"command":{"const":"retry"},"x":{"type":"string"}}}]}""";
        const string One = """{"anyOf":[{"properties":{"command":{"const":"retry"}}}]}""";

        Assert.That(SchemaDiff.Between(MessageDirection.Received, Parse(Two), Parse(One)), Is.EqualTo(new[] { "$ no longer has the shape submit", "$<retry>.x is removed" }));
    }

    private static IReadOnlyList<string> Breaks(string direction, string from, string to)
    {
        Assert.That(Before, Does.Contain(from));
        return SchemaDiff.Between(Enum.Parse<MessageDirection>(direction), Parse(Before), Parse(Before.Replace(from, to, StringComparison.Ordinal)));
    }

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
