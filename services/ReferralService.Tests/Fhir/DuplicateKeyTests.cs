using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;

namespace ReferralService.Tests.Fhir;

/// <summary>A key twice in one object is found however many keys there are, however alike they are, and whatever objects lie in between.</summary>
[CancelAfter(120_000)]
public sealed class DuplicateKeyTests
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Up to 150 members, some of them objects with as many; of names that share their beginnings, their ends, or both.</summary>
    private static readonly Gen<string> Many = Members(2).Select(members => $$"""{"resourceType":"Basic","id":"1"{{(members.Length > 0 ? "," : "")}}{{members}}}""");

    [Test]
    public void What_is_refused_is_what_a_strict_parser_refuses()
        => Prop.ForAll(Many.ToArbitrary(), json =>
        {
            string? code = null;
            bool twice = false;
            try
            {
                RawResource.Read(Sample.Utf8(json));
            }
            catch (FhirFormatException fault)
            {
                code = fault.Code;
            }

            try
            {
                using var tree = JsonDocument.Parse(json, Strict);
            }
            catch (JsonException)
            {
                twice = true;
            }

            return code == (twice ? FormatCode.JsonDuplicateKey : null);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [TestCase(2)]
    [TestCase(47)]
    [TestCase(48)]
    [TestCase(49)]
    [TestCase(5000)]
    public void The_last_key_is_compared_with_the_first(int keys)
    {
        string members = string.Join(',', Enumerable.Range(0, keys).Select(i => $"\"effective{i:00000}DateTime\":{{\"a\":{i}}}"));

        foreach (string last in new[] { "resourceType", "\\u0065ffective00000DateTime" })
        {
            string json = $$$"""{"resourceType":"Basic","id":"1",{{{members}}},"{{{last}}}":"Basic"}""";
            Assert.That(Assert.Throws<FhirFormatException>(() => RawResource.Read(Sample.Utf8(json)))!.Code, Is.EqualTo(FormatCode.JsonDuplicateKey));
        }
    }

    [Test]
    public void Objects_side_by_side_may_have_the_same_keys_however_many()
    {
        string members = string.Join(',', Enumerable.Range(0, 200).Select(i => $"\"k{i}\":1"));
        string json = $$"""{"resourceType":"Basic","id":"1","a":{ {{members}} },"b":[{ {{members}} },{ {{members}} }],{{members}}}""";

        Assert.That(RawResource.Read(Sample.Utf8(json)).Id, Is.EqualTo("1"));
    }

    private static Gen<string> Members(int depth)
        => from count in Gen.OneOf(Gen.Choose(0, 5), Gen.Choose(30, 150))
           from names in Name.ArrayOf(count)
           from inner in (depth == 0 ? Gen.Constant("1") : Gen.Frequency((30, Gen.Constant("1")), (1, Members(depth - 1).Select(m => $"{{{m}}}")))).ArrayOf(count)
           select string.Join(',', names.Select((name, i) => $"\"{name}\":{inner[i]}"));

    /// <summary>Rarely the same twice among a few, often among many.</summary>
    private static Gen<string> Name
        => from number in Gen.Choose(0, 9999)
           from form in Gen.Choose(0, 3)
           select form switch { 0 => $"n{number}", 1 => $"abcdefgh{number:0000}ijklmnop", 2 => $"{number:00000000}", _ => $"abcdefg{number:0000}" };
}
