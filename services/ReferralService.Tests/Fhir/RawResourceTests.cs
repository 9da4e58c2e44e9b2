using System.Text;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;

namespace ReferralService.Tests.Fhir;

public sealed class RawResourceTests
{
    [Test]
    public void A_resource_is_its_bytes_and_four_facts()
    {
        var bytes = Sample.Utf8(Sample.Odd);

        var resource = RawResource.Read(bytes);

        Assert.Multiple(() =>
        {
            Assert.That(Sample.Text(resource.Utf8), Is.EqualTo(Sample.Odd.Trim()));
            Assert.That(resource.Key, Is.EqualTo(new ResourceKey("Observation", "afp-1")));
            Assert.That(resource.VersionId, Is.EqualTo("7"));
            Assert.That(resource.LastUpdated, Is.EqualTo("2026-10-01T08:00:00.000+02:00"));
        });
    }

    [Test]
    public void Facts_are_the_resources_own_wherever_they_stand()
    {
        var resource = Sample.Resource("""
            {"contained":[{"resourceType":"Patient","id":"inner","meta":{"versionId":"9"}}],"x":{"id":"no","versionId":"no"},
             "meta":{"tag":[{"id":"t","versionId":"no"}],"lastUpdated":"2026"},"y":{"versionId":"no"},"\u0069d":"outer","resource\u0054ype":"List"}
            """);

        Assert.That((resource.Type, resource.Id, resource.VersionId, resource.LastUpdated), Is.EqualTo(("List", "outer", (string?)null, "2026")));
    }

    [Test]
    public void White_space_around_a_resource_is_not_part_of_it()
        => Assert.That(Sample.Text(Sample.Resource(" \n{\"resourceType\" : \"Basic\"}\r\n ").Utf8), Is.EqualTo("{\"resourceType\" : \"Basic\"}"));

    [TestCase("", FormatCode.NotJson)]
    [TestCase("  \n", FormatCode.NotJson)]
    [TestCase("<html>log in</html>", FormatCode.NotJson)]
    [TestCase("[]", FormatCode.NotAResource)]
    [TestCase("\"text\"", FormatCode.NotAResource)]
    [TestCase("{}", FormatCode.NotAResource)]
    [TestCase("{\"resourceType\":1}", FormatCode.NotAResource)]
    [TestCase("{\"resourceType\":\"\"}", FormatCode.NotAResource)]
    [TestCase("{\"resourceType\":\"../etc\"}", FormatCode.NotAResource)]
    [TestCase("{\"resourceType\":\"Basic\"", FormatCode.JsonTruncated)]
    [TestCase("{\"resourceType\":\"Bas", FormatCode.JsonTruncated)]
    [TestCase("{\"resourceType\":\"Basic\",\"a\":tr", FormatCode.JsonTruncated)]
    [TestCase("{\"resourceType\":\"Basic\",}", FormatCode.JsonInvalid)]
    [TestCase("{\"resourceType\":\"Basic\",\"a\":[1,]}", FormatCode.JsonInvalid)]
    [TestCase("{\"resourceType\":\"Basic\"} {}", FormatCode.JsonInvalid)]
    [TestCase("{\"resourceType\":\"Basic\"}\0", FormatCode.JsonInvalid)]
    [TestCase("{/*c*/\"resourceType\":\"Basic\"}", FormatCode.JsonInvalid)]
    [TestCase("{\"resourceType\":\"Basic\",\"a\":NaN}", FormatCode.JsonInvalid)]
    [TestCase("{\"resourceType\":\"Basic\",\"a\":01}", FormatCode.JsonInvalid)]
    [TestCase("{\"resourceType\":\"Basic\",\"a\":\"\t\"}", FormatCode.JsonInvalid)]
    [TestCase("{\"resourceType\":\"Basic\",\"a\":\"\\u0000\"}", FormatCode.JsonEncoding)]
    [TestCase("{\"resourceType\":\"Basic\",\"a\":\"\\ud800\"}", FormatCode.JsonEncoding)]
    [TestCase("{\"resourceType\":\"Basic\",\"a\":\"\\ud83e\\u0041\"}", FormatCode.JsonEncoding)]
    [TestCase("{\"resourceType\":\"Basic\",\"a\":\"\\udc00\\ud800\"}", FormatCode.JsonEncoding)]
    [TestCase("{\"resourceType\":\"Basic\",\"\\ud800\":1}", FormatCode.JsonEncoding)]
    [TestCase("\uFEFF{\"resourceType\":\"Basic\"}", FormatCode.JsonEncoding)]
    [TestCase("{\"resourceType\":\"Basic\",\"resourceType\":\"Patient\"}", FormatCode.JsonDuplicateKey)]
    [TestCase("{\"resourceType\":\"Basic\",\"id\":\"1\",\"\\u0069d\":\"2\"}", FormatCode.JsonDuplicateKey)]
    [TestCase("{\"resourceType\":\"Basic\",\"a\":[{\"b\":{}},{\"b\":{\"c\":1,\"d\":{\"c\":2},\"c\":3}}]}", FormatCode.JsonDuplicateKey)]
    [TestCase("{\"resourceType\":\"Basic\",\"id\":\"../1\"}", FormatCode.ElementShape)]
    [TestCase("{\"resourceType\":\"Basic\",\"id\":1}", FormatCode.ElementShape)]
    [TestCase("{\"resourceType\":\"Basic\",\"meta\":[]}", FormatCode.ElementShape)]
    public void What_is_no_resource_is_refused_with_its_code(string json, string code)
    {
        var fault = Assert.Throws<FhirFormatException>(() => Sample.Resource(json));

        Assert.That(fault!.Code, Is.EqualTo(code));
    }

    [Test]
    public void Invalid_UTF8_is_refused_wherever_it_hides()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("{\"resourceType\":\"Basic\",\"extension\":[{\"valueString\":\"ab\"}]}");
        bytes[Array.LastIndexOf(bytes, (byte)'b')] = 0xC3;

        var fault = Assert.Throws<FhirFormatException>(() => RawResource.Read(bytes));

        Assert.That((fault!.Code, fault.Path), Is.EqualTo((FormatCode.JsonEncoding, "extension.valueString")));
    }

    [TestCase(63, true)]
    [TestCase(64, false)]
    public void A_resource_nests_64_deep_at_most(int within, bool accepted)
    {
        string json = "{\"resourceType\":\"Basic\",\"a\":" + new string('[', within) + new string(']', within) + "}";

        if (accepted) Assert.That(Sample.Resource(json).Type, Is.EqualTo("Basic"));
        else Assert.That(Assert.Throws<FhirFormatException>(() => Sample.Resource(json))!.Code, Is.EqualTo(FormatCode.JsonTooDeep));
    }

    [Test]
    public void A_hundred_thousand_open_brackets_are_refused_as_too_deep()
    {
        string json = "{\"resourceType\":\"Basic\",\"a\":" + new string('[', 100_000);

        Assert.That(Assert.Throws<FhirFormatException>(() => Sample.Resource(json))!.Code, Is.EqualTo(FormatCode.JsonTooDeep));
    }

    [Test]
    public void The_same_key_in_different_objects_is_no_duplicate()
        => Assert.That(Sample.Resource("""{"resourceType":"Basic","a":[{"b":1},{"b":2,"c":{"b":3}}],"b":4}""").Type, Is.EqualTo("Basic"));

    [Test]
    [CancelAfter(20_000)]
    public void Two_hundred_thousand_keys_in_one_object_are_read_and_the_one_repeated_is_found()
    {
        var json = new StringBuilder("{\"resourceType\":\"Basic\"");
        for (int i = 0; i < 200_000; i++) json.Append($",\"k{i}\":{i}");
        Assert.That(Sample.Resource(json + "}").Type, Is.EqualTo("Basic"));

        json.Append(",\"k77\":0}");
        Assert.That(Assert.Throws<FhirFormatException>(() => Sample.Resource(json.ToString()))!.Code, Is.EqualTo(FormatCode.JsonDuplicateKey));
    }

    [Test]
    public void A_fault_names_the_element_and_nothing_a_sender_could_have_hidden_there()
    {
        var fault = Assert.Throws<FhirFormatException>(() => Sample.Resource("""{"resourceType":"Basic","code":{"Jane Doe":{"x":"\ud800 Jane"}}}"""));

        Assert.That(fault!.Path, Is.EqualTo("code.?.x"));
        Assert.That(fault.ToString(), Does.Not.Contain("Jane"));
    }

    [Test]
    public void A_decimal_of_a_million_digits_is_carried_unread()
    {
        string json = "{\"resourceType\":\"Basic\",\"v\":0." + new string('7', 1_000_000) + "}";

        Assert.That(Sample.Resource(json).Utf8.Length, Is.EqualTo(json.Length));
    }
}
