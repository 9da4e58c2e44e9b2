using System.Buffers;
using ReferralService.Fhir.Bundles;

namespace ReferralService.Tests.Fhir;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class BundleWriterTests
{
    private static readonly DateTimeOffset Instant = new(2026, 11, 22, 12, 0, 0, 123, TimeSpan.FromHours(2));
    private readonly ArrayBufferWriter<byte> _output = new();

    [Test]
    public void A_collection_is_its_slices_in_a_compact_frame()
    {
        var writer = new BundleWriter(_output);
        writer.Begin("collection", "b1", "urn:ietf:rfc:3986", "urn:uuid:\"x\"", Instant);
        writer.Entry("https://e/Patient/1", "{ \"resourceType\" : \"Patient\" }"u8);
        writer.Entry("https://e/Patient/2", o => o.Write("{\"a\":1.00}"u8));
        writer.End();

        Assert.That(Sample.Text(_output.WrittenMemory), Is.EqualTo("""
            {"resourceType":"Bundle","id":"b1","identifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:\"x\""},"type":"collection","timestamp":"2026-11-22T10:00:00.123Z","entry":[{"fullUrl":"https://e/Patient/1","resource":{ "resourceType" : "Patient" }},{"fullUrl":"https://e/Patient/2","resource":{"a":1.00}}]}
            """));
        Assert.That(writer.Entries, Is.EqualTo(2));
    }

    [Test]
    public void A_transaction_entry_says_what_to_do_with_it()
    {
        var writer = Begun("transaction");
        writer.Entry("urn:uuid:1", "{}"u8, new EntryRequest("POST", "Patient"));
        writer.End();

        Assert.That(Sample.Text(_output.WrittenMemory), Does.EndWith("""
            "entry":[{"fullUrl":"urn:uuid:1","resource":{},"request":{"method":"POST","url":"Patient"}}]}
            """));
    }

    [Test]
    public void Ids_made_one_after_the_other_are_those_made_alone()
    {
        using var many = new NameBasedUuids(NameBasedUuid.Url);
        string[] names = ["https://e/Patient/1", "", new string('x', 1000), "https://e/Patient/1"];

        Assert.That(names.Select(n => many.Create(System.Text.Encoding.UTF8.GetBytes(n))), Is.EqualTo(names.Select(n => NameBasedUuid.Create(NameBasedUuid.Url, n))));
    }

    [Test]
    public void A_Bundle_without_entries_has_no_empty_array()
    {
        Begun("collection").End();

        Assert.That(Sample.Text(_output.WrittenMemory), Does.EndWith("\"timestamp\":\"2026-11-22T10:00:00.123Z\"}"));
    }

    [Test]
    public void An_invariant_of_the_Bundle_cannot_be_broken()
    {
        var collection = Begun("collection");
        collection.Entry("https://e/Patient/1", "{}"u8);

        Assert.Multiple(() =>
        {
            Assert.That(() => collection.Entry("https://e/Patient/1", "{}"u8), Throws.InvalidOperationException.With.Message.StartsWith("bdl-7"));
            Assert.That(() => collection.Entry("https://e/Patient/2/_history/1", "{}"u8), Throws.InvalidOperationException.With.Message.StartsWith("bdl-8"));
            Assert.That(() => collection.Entry("https://e/3", "{}"u8, new EntryRequest("PUT", "x")), Throws.InvalidOperationException.With.Message.StartsWith("bdl-3"));
            Assert.That(() => Begun("transaction").Entry("urn:uuid:1", "{}"u8), Throws.InvalidOperationException.With.Message.StartsWith("bdl-3"));
            Assert.That(() => collection.Begin("batch", "", "", "", Instant), Throws.InvalidOperationException);
        });
    }

    [Test]
    public void The_same_name_has_the_same_id_everywhere()
    {
        // RFC 9562 appendix A.4: www.example.com in the DNS namespace.
        var dns = new Guid("6ba7b810-9dad-11d1-80b4-00c04fd430c8");

        Assert.That(NameBasedUuid.Create(dns, "www.example.com"), Is.EqualTo(new Guid("2ed6657d-e927-568b-95e1-2665a8aea6a2")));
    }

    private BundleWriter Begun(string type)
    {
        var writer = new BundleWriter(_output);
        writer.Begin(type, "b", "s", "v", Instant);
        return writer;
    }
}
