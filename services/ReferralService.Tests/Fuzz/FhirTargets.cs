using System.Buffers;
using System.Text;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Fhir.Validation;
using ReferralService.Gathering;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Fuzz;

/// <summary>The readers of what EHRs and recipients answer.</summary>
internal static class FhirTargets
{
    /// <summary>Nothing in it that JSON or XML lets stand as it is.</summary>
    private const string Awkward = "urn:uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8?\"\\<&>'é🧪\t";

    private static readonly Action<RawResource>[] Views =
    [
        r => SummaryView.Read(r), r => ObservationView.Read(r), r => PatientView.Read(r), r => ConditionView.Read(r), r => DiagnosticReportView.Read(r),
        r => ServiceRequestView.Read(r), r => TaskView.Read(r), r => OrganizationView.Read(r), r => PractitionerView.Read(r), r => PractitionerRoleView.Read(r),
        r => PerformerView.Read(r), r => EndpointView.Read(r), r => ClinicalFacts.Read(r), r => OrderCriteria.WhyNotActionable(ServiceRequestView.Read(r)),
    ];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("the JSON reader and its guard", 4, Corpus.Resources, ReadResource),
        new("the reference scanner and rewriter", 4, Corpus.Resources, Rewrite),
        new("the search-page reader in pieces", 4, Corpus.Pages, ReadPage),
        new("the transaction-response reader", 2, _ => Corpus.Transactions, bytes => Coded(() => TransactionResponse.Read(bytes))),
        new("the OperationOutcome reader", 1, _ => Corpus.Outcomes, ReadOutcome),
        new("the CapabilityStatement's view", 1, _ => Corpus.Capabilities, bytes => Coded(() => CapabilityView.Read(RawResource.Read(bytes)))),
        new("FHIR's dates", 1, _ => Corpus.Dates, bytes => FhirDate.Latest(Text(bytes)) is not null | FhirDate.Instant(Text(bytes)) is not null),
        new("the structural check", 3, Corpus.Resources, bytes => ResourceLint.Check(bytes).Conforms & AuthoredCheck.Check(bytes).Conforms),
        new("literal references", 1, _ => Corpus.References, bytes => ParseReference(Text(bytes))),
    ];

    private static bool ReadResource(byte[] bytes) => Coded(() =>
    {
        var resource = RawResource.Read(bytes);
        foreach (var view in Views) Coded(() => view(resource));
    });

    private static bool Rewrite(byte[] bytes)
    {
        if (!TryRead(bytes, out var resource)) return false;
        var before = resource.Utf8;
        var found = Scan(before.Span);
        for (int i = 0, end = 0; i < found.Count; end = found[i].Offset + found[i].Length, i++)
            Require(found[i].Offset >= end && found[i].Length >= 0 && found[i].Offset + found[i].Length <= before.Length, "References lie within the resource, one after the other.");
        Require(Replace(before.Span, found, _ => null).Span.SequenceEqual(before.Span), "Nothing replaced, nothing changed.");

        var after = Replace(before.Span, found, _ => Awkward);
        Require(TryRead(after, out var rewritten) && rewritten.Type == resource.Type, "What is rewritten is a resource as it was.");
        int grown = 0, at = 0;
        foreach (var reference in found)
        {
            int length = Written(reference).Length;
            Require(after.Span[(at + grown)..(reference.Offset + grown)].SequenceEqual(before.Span[at..reference.Offset]), "Every byte outside of references is as it was.");
            Require(after.Span.Slice(reference.Offset + grown, length).SequenceEqual(Written(reference)), "A reference is replaced by the text asked for.");
            at = reference.Offset + reference.Length;
            grown += length - reference.Length;
        }

        Require(after.Span[(at + grown)..].SequenceEqual(before.Span[at..]), "Every byte after the last reference is as it was.");
        return true;
    }

    /// <summary>The text as it must stand in JSON, and in XML within JSON in a narrative.</summary>
    private static ReadOnlySpan<byte> Written(FoundReference reference)
    {
        var one = new ArrayBufferWriter<byte>();
        ReferenceRewriter.Write("\"\""u8, [reference with { Offset = 1, Length = 0 }], _ => Awkward, one);
        return one.WrittenSpan[1..^1];
    }

    private static bool ReadPage(byte[] bytes)
    {
        var whole = Page(bytes, int.MaxValue);
        foreach (int piece in (int[])[7, 1 + (bytes.Length / 3), bytes.Length < 2048 ? 1 : 1000])
        {
            var pieces = Page(bytes, piece);
            Require(pieces == whole, $"In pieces of {piece} it is {pieces}, whole it is {whole}");
        }

        Coded(() => SearchPageReader.ReadAsync(new MemoryStream(bytes), 500, (_, _) => ValueTask.CompletedTask, CancellationToken.None).GetAwaiter().GetResult());
        return !whole.StartsWith("fault", StringComparison.Ordinal);
    }

    private static string Page(byte[] bytes, int piece)
    {
        var entries = new StringBuilder();
        try
        {
            using var stream = new PiecewiseStream(bytes, piece);
            var page = SearchPageReader.ReadAsync(stream, long.MaxValue, (entry, _) =>
            {
                entries.Append(entry.Mode).Append(entry.FullUrl).Append(entry.Key).Append(entry.Fault?.Code);
                if (entry.Fault is null) entries.Append(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(entry.Resource.Utf8.Span)));
                return ValueTask.CompletedTask;
            }, CancellationToken.None).GetAwaiter().GetResult();
            return $"{page} {entries}";
        }
        catch (FhirFormatException fault)
        {
            return $"fault {fault.Code} at {fault.Path} after {entries}";
        }
    }

    private static bool ReadOutcome(byte[] bytes)
    {
        // Used where a body may be anything: it must never throw at all.
        var issues = OperationOutcomeReader.ReadIfAny(bytes);
        Require(issues.All(issue => (issue.Code + issue.Expression).All(c => c is > ' ' and < '\x7f')), "Codes and paths are plain.");
        return issues.Count > 0;
    }

    private static bool ParseReference(string text)
    {
        var reference = FhirReference.Parse(text);
        Require(reference.Text == text, "The text stays as written.");
        if (reference.Key is { } key) Require(ResourceTypes.Contains(key.Type) && ResourceTypes.IsId(key.Id), "What names a resource can stand in an address.");
        reference.AbsoluteUrl("https://ehr.example.org/fhir");
        return reference.Kind != ReferenceKind.Other;
    }

    private static bool TryRead(ReadOnlyMemory<byte> bytes, out RawResource resource)
    {
        RawResource? read = null;
        Coded(() => read = RawResource.Read(bytes));
        resource = read!;
        return read is not null;
    }

    private static List<FoundReference> Scan(ReadOnlySpan<byte> bytes)
    {
        var found = new List<FoundReference>();
        ReferenceScanner.Scan(bytes, found);
        return found;
    }

    private static ReadOnlyMemory<byte> Replace(ReadOnlySpan<byte> bytes, List<FoundReference> found, Func<FoundReference, string?> with)
    {
        var output = new ArrayBufferWriter<byte>();
        ReferenceRewriter.Write(bytes, found, with, output);
        return output.WrittenMemory;
    }

    /// <summary>False: refused with one of our codes. Anything else comes out.</summary>
    internal static bool Coded(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (FhirFormatException fault)
        {
            Require(fault.Code.Length > 0 && fault.IssueType.Length > 0, "A fault has its code and issue type.");
            return false;
        }
    }

    internal static void Require(bool holds, string what)
    {
        if (!holds) throw new InvalidOperationException(what);
    }

    internal static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
