using System.Buffers;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Tests.Fhir;

public sealed class ReferenceTests
{
    [TestCase("Patient/1", ReferenceKind.Relative, "Patient/1", null)]
    [TestCase("Patient/1/_history/2", ReferenceKind.Relative, "Patient/1", "2")]
    [TestCase("https://a.example/fhir/Patient/1", ReferenceKind.Absolute, "Patient/1", null)]
    [TestCase("HTTP://a.example/Patient/1/_history/v.2", ReferenceKind.Absolute, "Patient/1", "v.2")]
    [TestCase("#", ReferenceKind.Contained, null, null)]
    [TestCase("#Patient/1", ReferenceKind.Contained, null, null)]
    [TestCase("urn:uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8", ReferenceKind.Urn, null, null)]
    [TestCase("urn:oid:1.2.3", ReferenceKind.Urn, null, null)]
    [TestCase("Practitioner?identifier=x|1/2", ReferenceKind.Conditional, null, null)]
    [TestCase("https://a.example/Practitioner?identifier=1", ReferenceKind.Other, null, null)]
    [TestCase("http://Patient/1", ReferenceKind.Other, null, null)]
    [TestCase("http:///Patient/1", ReferenceKind.Other, null, null)]
    [TestCase("fhir/Patient/1", ReferenceKind.Other, null, null)]
    [TestCase("/Patient/1", ReferenceKind.Other, null, null)]
    [TestCase("Patient/1/", ReferenceKind.Other, null, null)]
    [TestCase("Patient/1#x", ReferenceKind.Other, null, null)]
    [TestCase("Patient/a_b~c", ReferenceKind.Relative, "Patient/a_b~c", null)]
    [TestCase("https://a.example/Patient/_x/_history/v_1", ReferenceKind.Absolute, "Patient/_x", "v_1")]
    [TestCase("Patient/.", ReferenceKind.Other, null, null)]
    [TestCase("Patient/..", ReferenceKind.Other, null, null)]
    [TestCase("https://a.example/fhir/Patient/..", ReferenceKind.Other, null, null)]
    [TestCase("Patient/1/_history/..", ReferenceKind.Other, null, null)]
    [TestCase("Patient/_history", ReferenceKind.Other, null, null)]
    [TestCase("Patient/_search", ReferenceKind.Other, null, null)]
    [TestCase("Patient/a b", ReferenceKind.Other, null, null)]
    [TestCase("Patient/a\r\nb", ReferenceKind.Other, null, null)]
    [TestCase("Patient/é", ReferenceKind.Other, null, null)]
    [TestCase("Patient/..%2f", ReferenceKind.Other, null, null)]
    [TestCase("Patient/1/_history/", ReferenceKind.Other, null, null)]
    [TestCase("Patient/_history/1", ReferenceKind.Other, null, null)]
    [TestCase("patient/1", ReferenceKind.Other, null, null)]
    [TestCase("Patientt/1", ReferenceKind.Other, null, null)]
    [TestCase("Patient", ReferenceKind.Other, null, null)]
    [TestCase("", ReferenceKind.Other, null, null)]
    [TestCase("/", ReferenceKind.Other, null, null)]
    [TestCase("urn:uuid:", ReferenceKind.Other, null, null)]
    [TestCase("mailto:x@example.org", ReferenceKind.Other, null, null)]
    public void A_reference_is_what_R4_says_it_is(string text, ReferenceKind kind, string? key, string? version)
    {
        var reference = FhirReference.Parse(text);

        Assert.That((reference.Kind, reference.Key?.ToString(), reference.Version, reference.Text), Is.EqualTo((kind, key, version, text)));
    }

    [Test]
    public void An_id_has_256_characters_at_most()
    {
        Assert.That(FhirReference.Parse("Patient/" + new string('a', 256)).Kind, Is.EqualTo(ReferenceKind.Relative));
        Assert.That(FhirReference.Parse("Patient/" + new string('a', 257)).Kind, Is.EqualTo(ReferenceKind.Other));
    }

    [TestCase("Patient/1/_history/2", "https://ehr.example/fhir/Patient/1")]
    [TestCase("https://else.example/r4/Patient/1/_history/2", "https://else.example/r4/Patient/1")]
    [TestCase("#a", null)]
    [TestCase("urn:oid:1.2.3", null)]
    [TestCase("Patient?name=x", null)]
    public void A_relative_reference_stands_for_one_at_the_server_it_came_from(string text, string? absolute)
        => Assert.That(FhirReference.Parse(text).AbsoluteUrl("https://ehr.example/fhir/"), Is.EqualTo(absolute));

    [Test]
    public void R4_has_146_resource_types() => Assert.That(ResourceTypes.All, Has.Count.EqualTo(146));

    [Test]
    public void Every_reference_of_a_resource_is_found_and_no_canonical_is()
    {
        var found = Scan(Sample.Odd);

        Assert.That(found.Select(f => (f.Site, f.Text, f.Path)), Is.EqualTo(new[]
        {
            (ReferenceSite.Reference, "Device/d-1", "extension.valueReference"),
            (ReferenceSite.AttachmentUrl, "Binary/b-1", "extension.valueAttachment"),
            (ReferenceSite.Reference, "Patient/p-1", "contained.subject"),
            (ReferenceSite.Narrative, "Patient/p-1", "contained.text"),
            (ReferenceSite.Reference, "https://ehr.example.org/fhir/Patient/p-1/_history/3", "subject"),
            (ReferenceSite.Reference, "#s", "specimen"),
            (ReferenceSite.Reference, "ServiceRequest/sr-1", "basedOn"),
            (ReferenceSite.Reference, "Practitioner?identifier=urn:x|1", "performer"),
            (ReferenceSite.Reference, "urn:uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8", "performer"),
        }));
    }

    [TestCase("""{"resourceType":"Media","content":{"url":"Binary/1"}}""", "Binary/1")]
    [TestCase("""{"resourceType":"Basic","odd":{"url":"Binary/1","contentType":"a/b"}}""", "Binary/1")]
    [TestCase("""{"resourceType":"DocumentReference","content":[{"attachment":{"url":"https:\/\/x.example\/f.pdf","title":"t"}}]}""", "https://x.example/f.pdf")]
    [TestCase("""{"resourceType":"Basic","extension":[{"url":"Binary/1","contentType":"a/b"}]}""", null)]
    [TestCase("""{"resourceType":"Basic","subject":{"modifierExtension":[{"url":"Patient/1","valueString":"x"}]}}""", null)]
    [TestCase("""{"resourceType":"ValueSet","url":"http://example.org/ValueSet/1","contentType":"x"}""", null)]
    [TestCase("""{"resourceType":"Task","input":[{"valueExpression":{"language":"text/cql","reference":"http://x.example/Library/1"}}]}""", null)]
    [TestCase("""{"resourceType":"Basic","reference":"Patient/1"}""", null)]
    [TestCase("""{"resourceType":"Basic","contained":[{"reference":"Patient/1","url":"Library/1","contentType":"x","resourceType":"Library"}]}""", null)]
    [TestCase("""{"resourceType":"Consent","provision":{"data":[{"reference":{"reference":"Patient/1"}}]}}""", "Patient/1")]
    [TestCase("""{"resourceType":"Basic","code":{"reference":["Patient/1"]}}""", null)]
    [TestCase("""{"resourceType":"Basic","subject":{"re\u0066erence":"Patient/1"}}""", "Patient/1")]
    public void Only_references_and_attachments_count(string json, string? text)
        => Assert.That(Scan(json).Select(f => f.Text), Is.EqualTo(text is null ? Array.Empty<string>() : [text]));

    [TestCase("""<a href=\"Patient/1\">""", "Patient/1", "Patient/1")]
    [TestCase("""<a class='x' href = 'urn:uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8'>""", "urn:uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8", "urn:uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8")]
    [TestCase("""<img\n alt=\"a>b\" SRC=\"Binary/1\"/>""", "Binary/1", "Binary/1")]
    [TestCase("""\u003cimg src\u003d\u0022Binary\/1\u0022\u003e""", "Binary\\/1", "Binary/1")]
    [TestCase("""<a href=\"Patient&#47;&#x31;\">""", "Patient&#47;&#x31;", "Patient/1")]
    [TestCase("""<é a=\"ä\" h\u0072ef=\"Patient/1\">""", "Patient/1", "Patient/1")]
    [TestCase("""<!-- <a href=\"Patient/1\"> -->""", null, null)]
    [TestCase("""href=\"Patient/1\" &lt;a href=\"Patient/2\">""", null, null)]
    [TestCase("""<a href=\"#Patient/1\"><a href=\"https://example.org/page\"><a data-href=\"Patient/1\"><a href=Patient/1>""", null, null)]
    [TestCase("""<a href=\"Patient/1""", null, null)]
    public void A_narratives_links_to_resources_are_found_where_their_bytes_are(string div, string? raw, string? text)
    {
        string json = $$$"""{"resourceType":"Basic","text":{"div":"{{{div}}}"},"div":"<a href=\"Patient/9\">"}""";

        var found = Scan(json);

        Assert.That(found.Select(f => (f.Text, f.Path)), Is.EqualTo(text is null ? Array.Empty<(string, string)>() : [(text, "text")]));
        Assert.That(found.Select(f => Sample.Text(Sample.Utf8(json).Slice(f.Offset, f.Length))), Is.EqualTo(raw is null ? Array.Empty<string>() : [raw]));
    }

    [Test]
    public void The_one_link_in_a_narrative_of_two_megabytes_is_found_and_the_rest_kept()
    {
        string rows = string.Concat(Enumerable.Repeat("<tr class=\\\"r\\\"><td>AFP &lt; 1.00 \\u00b5g/L 🧪</td></tr>\\n", 35_000));
        string json = $$$"""{"resourceType":"Basic","text":{"status":"generated","div":"<div>{{{rows}}}<a href=\"Patient/1\">x</a></div>"}}""";

        string written = Rewrite(json, f => f.Site == ReferenceSite.Narrative ? "urn:oid:1.2" : null);

        Assert.That(json, Has.Length.GreaterThan(2_000_000));
        Assert.That(written, Is.EqualTo(json.Replace("Patient/1", "urn:oid:1.2")));
    }

    [Test]
    public void Rewriting_changes_the_references_and_no_other_byte()
    {
        string written = Rewrite(Sample.Odd, f => f.Text.EndsWith("Patient/p-1", StringComparison.Ordinal) ? "urn:x:\"<&é" : null);

        Assert.That(written, Is.EqualTo(Sample.Odd
            .Replace("\"Patient\\/p-1\"", "\"urn:x:\\\"<&é\"")
            .Replace("href=\\\"Patient/p-1\\\"", "href=\\\"urn:x:&quot;&lt;&amp;é\\\"")));
    }

    [Test]
    public void Rewriting_nothing_copies_every_byte() => Assert.That(Rewrite(Sample.Odd, _ => null), Is.EqualTo(Sample.Odd));

    private static List<FoundReference> Scan(string json)
    {
        var found = new List<FoundReference>();
        ReferenceScanner.Scan(Sample.Utf8(json).Span, found);
        return found;
    }

    private static string Rewrite(string json, Func<FoundReference, string?> replace)
    {
        var output = new ArrayBufferWriter<byte>();
        ReferenceRewriter.Write(Sample.Utf8(json).Span, Scan(json), replace, output);
        return Sample.Text(output.WrittenMemory);
    }
}
