using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Fhir;

/// <summary>What holds for any JSON whatever.</summary>
[CancelAfter(120_000)]
public sealed class JsonPropertyTests
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    [Test]
    public void A_resource_is_carried_byte_for_byte()
        => Check(JsonGenerators.Resource, json => Sample.Text(Sample.Resource($" {json}\n").Utf8) == json);

    [Test]
    public void Scanning_and_rewriting_with_nothing_leaves_every_byte()
        => Check(JsonGenerators.Resource, json => Sample.Text(Rewrite(Sample.Utf8(json), _ => null)) == json);

    [Test]
    public void Rewriting_replaces_the_references_found_and_nothing_else()
        => Check(JsonGenerators.Resource, json =>
        {
            var before = Sample.Utf8(json);
            var found = Scan(before);
            int next = 0;
            var after = Rewrite(before, _ => $"urn:uuid:{next++:x8}-9dad-11d1-80b4-00c04fd430c8");
            var foundAfter = Scan(after);
            Assert.That(foundAfter.Select(f => (f.Site, f.Path)), Is.EqualTo(found.Select(f => (f.Site, f.Path))));
            Assert.That(foundAfter.Select(f => f.Text), Is.EqualTo(Enumerable.Range(0, found.Count).Select(i => $"urn:uuid:{i:x8}-9dad-11d1-80b4-00c04fd430c8")));
            Assert.That(Between(after, foundAfter), Is.EqualTo(Between(before, found)));
            return true;
        });

    [Test]
    public void References_are_those_a_tree_shows()
        => Check(JsonGenerators.Resource, json =>
        {
            var expected = new List<string>();
            using var tree = JsonDocument.Parse(json);
            FromTree(tree.RootElement, isRoot: true, expected);
            Assert.That(Scan(Sample.Utf8(json)).Where(f => f.Site == ReferenceSite.Reference).Select(f => f.Text).Order(), Is.EqualTo(expected.Order()));
            return true;
        });

    [Test]
    public void A_page_gives_the_same_entries_in_any_pieces()
        => Check(
            from page in JsonGenerators.Page from piece in Gen.Choose(1, 200) select (page.Page, page.Resources, piece),
            t =>
            {
                var (page, entries) = SearchPageReaderTests.Read(t.Page, t.piece).GetAwaiter().GetResult();
                Assert.That(entries.Select(e => e.Json), Is.EqualTo(t.Resources));
                Assert.That((page.NextLink, page.Entries, page.Bytes), Is.EqualTo(("n", t.Resources.Length, (long)Encoding.UTF8.GetByteCount(t.Page))));
                return true;
            });

    [Test]
    public void Damaged_JSON_is_read_or_refused_and_never_anything_else()
        => Check(JsonGenerators.Damaged(JsonGenerators.Resource), bytes =>
        {
            try
            {
                var resource = RawResource.Read(bytes);
                using var tree = JsonDocument.Parse(bytes, Strict);
                ReadEverything(resource);
            }
            catch (FhirFormatException fault)
            {
                if (fault.Code == FormatCode.JsonDuplicateKey) Assert.Catch<JsonException>(() => JsonDocument.Parse(bytes, Strict));
            }

            return true;
        });

    [Test]
    public void A_damaged_page_is_read_or_refused_alike_in_any_pieces()
        => Check(
            from bytes in JsonGenerators.Damaged(JsonGenerators.Page.Select(p => p.Page)) from piece in Gen.Choose(1, 100) select (bytes, piece),
            t =>
            {
                Assert.That(Outcome(t.bytes, t.piece), Is.EqualTo(Outcome(t.bytes, int.MaxValue)));
                return true;
            });

    private static string Outcome(byte[] bytes, int piece)
    {
        try
        {
            using var stream = new PiecewiseStream(bytes, piece);
            var page = SearchPageReader.ReadAsync(stream, long.MaxValue, (e, _) =>
            {
                ReadEverything(e.Resource);
                return ValueTask.CompletedTask;
            }, CancellationToken.None).GetAwaiter().GetResult();
            return $"{page}";
        }
        catch (FhirFormatException fault)
        {
            return fault.Code;
        }
    }

    /// <summary>All there is to read of a resource; each reader may refuse it, and only in our way.</summary>
    private static void ReadEverything(RawResource resource)
    {
        Scan(resource.Utf8);
        foreach (Action<RawResource> read in (Action<RawResource>[])
        [
            r => SummaryView.Read(r), r => ObservationView.Read(r), r => PatientView.Read(r),
            r => TransactionResponse.Read(r.Utf8), r => OperationOutcomeReader.Read(r),
        ])
        {
            try
            {
                read(resource);
            }
            catch (FhirFormatException fault)
            {
                Assert.That(fault.Code, Is.AnyOf(FormatCode.ElementShape, FormatCode.WrongType));
            }
        }
    }

    /// <summary>The rule of R4 said a second way: a text <c>reference</c> in an object that is no resource and no Expression.</summary>
    private static void FromTree(JsonElement element, bool isRoot, List<string> references)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) FromTree(item, isRoot: false, references);
            return;
        }

        if (element.ValueKind != JsonValueKind.Object) return;
        bool expression = new[] { "language", "expression" }.Any(n => element.TryGetProperty(n, out var v) && v.ValueKind == JsonValueKind.String);
        if (!isRoot && !expression && element.TryGetProperty("reference", out var reference) && reference.ValueKind == JsonValueKind.String)
            references.Add(reference.GetString()!);
        foreach (var property in element.EnumerateObject()) FromTree(property.Value, isRoot: false, references);
    }

    private static string Between(ReadOnlyMemory<byte> bytes, List<FoundReference> found)
    {
        var text = new StringBuilder();
        int at = 0;
        foreach (var reference in found)
        {
            text.Append(Sample.Text(bytes[at..reference.Offset])).Append('▮');
            at = reference.Offset + reference.Length;
        }

        return text.Append(Sample.Text(bytes[at..])).ToString();
    }

    private static List<FoundReference> Scan(ReadOnlyMemory<byte> bytes)
    {
        var found = new List<FoundReference>();
        ReferenceScanner.Scan(bytes.Span, found);
        return found;
    }

    private static ReadOnlyMemory<byte> Rewrite(ReadOnlyMemory<byte> bytes, Func<FoundReference, string?> replace)
    {
        var output = new ArrayBufferWriter<byte>();
        ReferenceRewriter.Write(bytes.Span, Scan(bytes), replace, output);
        return output.WrittenMemory;
    }

    private static void Check<T>(Gen<T> gen, Func<T, bool> holds)
        => Prop.ForAll(gen.ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}
