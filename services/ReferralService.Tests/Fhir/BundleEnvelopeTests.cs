using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Resources;
using ReferralService.Fhir.Validation;

namespace ReferralService.Tests.Fhir;

/// <summary>Whatever the writer is asked for, what comes out keeps the invariants of a Bundle: why nobody checks a package's envelope before it is stored.</summary>
public sealed class BundleEnvelopeTests
{
    private static readonly string[] Types = ["document", "collection", "transaction", "batch"];

    /// <summary>Few, so that they collide; with versions, so that some are refused; with what JSON must escape.</summary>
    private static readonly string[] FullUrls =
        ["urn:uuid:6a1c0f0e-6f6c-4e4c-8d9c-0d8f0b1f2a3b", "https://e.example.org/Patient/1", "https://e.example.org/Patient/1/_history/2", "https://e.example.org/Binary/ö\"\\", "https://e.example.org/Observation/2"];

    private static readonly string[] Bodies =
        ["""{"resourceType":"Patient"}""", """{ "resourceType" : "Observation", "meta" : { "versionId" : "1" } }""", """{"resourceType":"Bundle","type":"document","entry":[{"fullUrl":"https://e.example.org/Patient/1"}],"total":1}"""];

    [Test]
    public void No_order_of_calls_writes_a_Bundle_that_breaks_an_invariant()
    {
        var call =
            from url in Gen.Elements(FullUrls)
            from body in Gen.Elements(Bodies)
            from asks in Gen.Elements(true, false)
            from inPieces in Gen.Elements(true, false)
            select (url, body, asks, inPieces);
        var bundle =
            from type in Gen.Elements(Types)
            from calls in call.ListOf()
            from labels in Gen.Choose(0, 2)
            select (type, calls, labels);

        Prop.ForAll(bundle.ToArbitrary(), drawn =>
        {
            var (written, accepted) = Write(drawn.type, drawn.calls, drawn.labels);
            var root = JsonDocument.Parse(written).RootElement;
            int entries = root.TryGetProperty("entry", out var list) ? list.GetArrayLength() : 0;
            return AuthoredCheck.CheckEnvelope(written).Findings.Count == 0 && entries == accepted;
        }).QuickCheckThrowOnFailure();
    }

    [Test]
    public void The_check_that_it_is_held_against_finds_what_the_writer_refuses()
    {
        const string Broken = """
            {"resourceType":"Bundle","type":"document","total":1,"entry":[{"fullUrl":"https://e/Patient/1/_history/2","resource":{"resourceType":"Patient"},"request":{"method":"GET","url":"x"}},
             {"fullUrl":"https://e/Patient/2","resource":{"resourceType":"Patient"}},{"fullUrl":"https://e/Patient/2","resource":{"resourceType":"Patient"}}]}
            """;

        Assert.That(
            AuthoredCheck.CheckEnvelope(Encoding.UTF8.GetBytes(Broken)).Findings.Select(f => f.Rule).Where(r => r?.StartsWith("bdl", StringComparison.Ordinal) == true).Distinct(),
            Is.SupersetOf(new[] { "bdl-1", "bdl-3", "bdl-7", "bdl-8", "bdl-9", "bdl-10", "bdl-11" }));
    }

    private static (byte[] Bytes, int Accepted) Write(string type, IEnumerable<(string Url, string Body, bool Asks, bool InPieces)> calls, int labels)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new BundleWriter(output);
        var marks = Enumerable.Range(0, labels).Select(i => new CodingView("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", i == 0 ? "R" : "N", null)).ToList();
        writer.Begin(type, "b", "urn:ietf:rfc:3986", "urn:uuid:6a1c0f0e-6f6c-4e4c-8d9c-0d8f0b1f2a3b", DateTimeOffset.UnixEpoch, marks);
        // That a document begins with its Composition is its caller's order.
        if (type == "document") writer.Entry("urn:uuid:0c7e0000-6f6c-4e4c-8d9c-0d8f0b1f2a3b", """{"resourceType":"Composition"}"""u8);
        foreach (var (url, body, asks, inPieces) in calls)
        {
            EntryRequest? request = asks ? new EntryRequest("POST", "Patient") : null;
            try
            {
                if (!inPieces)
                {
                    writer.Entry(url, Encoding.UTF8.GetBytes(body), request);
                    continue;
                }

                writer.BeginEntry(url, request);
                output.Write(Encoding.UTF8.GetBytes(body));
                writer.EndEntry();
            }
            catch (InvalidOperationException)
            {
                // Refused: nothing of it may have been written.
            }
        }

        writer.End();
        return (output.WrittenSpan.ToArray(), writer.Entries);
    }
}
