using System.Text.Json;

namespace ReferralService.Tests.Contracts.OpenApi;

/// <summary>Each rule of the API's gate on a made-up pair that it tells and on one that it passes.</summary>
[TestFixture]
internal sealed class OpenApiDiffPairTests
{
    private static readonly string Before = """
        {"paths":{"/a":{"x-other-methods":"#/components/responses/Other","get":{"operationId":"a","x-role":"viewer","security":[{"key":[]},{"hook":[]}],
           "parameters":[{"name":"q","in":"query","schema":{"type":"string"}}],
           "responses":{"200":{"headers":{"ETag":{"required":true,"schema":{"type":"string"}}}},"409":{"$ref":"#/components/responses/Refused"}}}}},
         "components":{
           "securitySchemes":{"key":{"type":"http","scheme":"bearer"},"hook":{"type":"http","scheme":"basic"}},
           "responses":{
             "Other":{"headers":{"Allow":{"schema":{"type":"string"}}}},
             "Refused":{"x-codes":["one","two"],"content":{"application/problem+json":{"schema":{"type":"object","properties":{"code":{"type":"string"},"detail":{"type":"string"}}}}}}}}}
        """;

    [TestCase("\"409\":", "\"422\":", "a no longer answers 409")]
    [TestCase("\"detail\":", "\"details\":", "a 409.detail is removed")]
    [TestCase("application/problem+json", "text/plain", "a 409 is no longer application/problem+json")]
    [TestCase("[\"one\",\"two\"]", "[\"one\"]", "a 409 no longer has the code two")]
    [TestCase("\"ETag\"", "\"Tag\"", "a 200 header ETag is removed")]
    [TestCase("\"required\":true,", "", "a 200 header ETag is no longer always there")]
    [TestCase("{\"required\":true,\"schema\":{\"type\":\"string\"}}", "{\"required\":true,\"schema\":{\"type\":\"integer\"}}", "a 200 header ETag is retyped from \"string\" to \"integer\"")]
    [TestCase("\"Allow\"", "\"Allowed\"", "/a other methods header Allow is removed")]
    [TestCase("\"x-other-methods\":\"#/components/responses/Other\",", "", "/a no longer says what other methods are answered")]
    [TestCase("\"x-role\":\"viewer\"", "\"x-role\":\"owner\"", "a needs a larger role")]
    [TestCase(",{\"hook\":[]}", "", "a is no longer let in by what it was")]
    [TestCase("\"basic\"", "\"digest\"", "the secret hook is no longer shown as it was")]
    [TestCase("\"in\":\"query\",", "\"in\":\"query\",\"style\":\"form\",", "a query q has style, which no rule compares")]
    [TestCase("\"x-codes\"", "\"links\":{},\"x-codes\"", "a 409 has links, which no rule compares")]
    [TestCase("\"x-role\"", "\"callbacks\":{},\"x-role\"", "a has callbacks, which no rule compares")]
    [TestCase("\"/a\":{", "\"/a\":{\"parameters\":[],", "/a has parameters, which no rule compares")]
    public void A_break_is_told(string from, string to, string told)
        => Assert.That(Breaks(from, to), Is.EqualTo(new[] { told }));

    [TestCase("\"409\":", "\"422\":{},\"409\":")]
    [TestCase("\"detail\":", "\"more\":{\"type\":\"string\"},\"detail\":")]
    [TestCase("\"application/problem+json\"", "\"text/plain\":{},\"application/problem+json\"")]
    [TestCase("[\"one\",\"two\"]", "[\"one\",\"two\",\"three\"]")]
    [TestCase("\"headers\":{\"ETag\"", "\"headers\":{\"Age\":{\"schema\":{\"type\":\"integer\"}},\"ETag\"")]
    [TestCase("\"Allow\":{", "\"Allow\":{\"required\":true,")]
    [TestCase("\"x-role\":\"viewer\"", "\"x-role\":null")]
    [TestCase("{\"hook\":[]}]", "{\"hook\":[]},{\"third\":[]}]")]
    [TestCase("\"scheme\":\"basic\"", "\"description\":\"said better\",\"scheme\":\"basic\"")]
    public void What_breaks_nobody_passes(string from, string to)
        => Assert.That(Breaks(from, to), Is.Empty);

    private static IReadOnlyList<string> Breaks(string from, string to)
    {
        Assert.That(Before, Does.Contain(from));
        return OpenApiDiff.Between(JsonDocument.Parse(Before).RootElement, JsonDocument.Parse(Before.Replace(from, to, StringComparison.Ordinal)).RootElement);
    }
}
