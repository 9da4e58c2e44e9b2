using System.Security.Cryptography;
using System.Text;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;
using ReferralService.Ledger;
using ReferralService.Packaging;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Packaging;

/// <summary>Bodies that are written in pieces: the same bytes as if they had been written whole.</summary>
[Fault("E15")]
internal sealed class LargeBodiesTests
{
    /// <summary>References before, between, across and after the ends of pieces.</summary>
    private static string Body(int shift)
    {
        var body = new StringBuilder("""{"resourceType":"DocumentReference","id":"big","status":"current","subject":{"reference":"Patient/p"},"description":"A letter","content":[""");
        for (int i = 0; i < 60; i++)
        {
            string pad = new((char)('a' + (i % 26)), 4_000 + shift + (i * 37));
            body.Append($$$"""{"attachment":{"data":"{{{pad}}}","url":"Binary/x{{{i}}}"},"x":{"reference":"ServiceRequest/order"},"y":{"reference":"Observation/not-here-{{{i}}}"}},""");
        }

        return body.Append($$$"""{"attachment":{"data":"{{{new string('Z', 150_000)}}}"}}],"context":{"related":[{"reference":"Patient/p"}]}}""").ToString();
    }

    [Test]
    public async Task They_travel_byte_for_byte(
        [Values(PackageForm.Document, PackageForm.Collection)] PackageForm form, [Values(0, 1, 13, 500)] int shift, [Values] bool cut)
    {
        string body = Body(shift);
        var bytes = await PackageAsync(body, form, cut);

        Assert.That(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes($"\"resource\":{body}}}")), Is.Positive);
    }

    [Test]
    public async Task Their_references_are_rewritten_and_nothing_else([Values(0, 1, 13, 500)] int shift, [Values] bool cut)
    {
        string body = Body(shift);
        string package = Encoding.UTF8.GetString(await PackageAsync(body, PackageForm.Transaction, cut));

        string Urn(string key) => $"urn:uuid:{NameBasedUuid.Create(RecordBuilder.For(PackageForm.Transaction).PackageId, $"{RecordBuilder.Ehr}/{key}"):D}";
        string expected = body
            .Replace("\"Patient/p\"", $"\"{Urn("Patient/p")}\"")
            .Replace("\"ServiceRequest/order\"", $"\"{Urn("ServiceRequest/order")}\"")
            .Replace("\"Observation/not-here", $"\"{RecordBuilder.Ehr}/Observation/not-here")
            .Replace("\"Binary/x", $"\"{RecordBuilder.Ehr}/Binary/x");
        Assert.That(package, Does.Contain($"\"resource\":{expected},\"request\""));
    }

    [Test]
    public async Task A_document_reads_the_same_whether_files_stand_apart_or_not()
        => Assert.That(await PackageAsync(Body(0), PackageForm.Document, cut: true), Is.EqualTo(await PackageAsync(Body(0), PackageForm.Document, cut: false)));

    [TestCase(1, 0, 0, TestName = "A large body that has lost its first byte stops the package")]
    [TestCase(0, -2, 0, TestName = "A large body that has lost its last bytes stops the package")]
    [TestCase(0, 0, 1, TestName = "A reference of a large body that is not where it was found stops the package")]
    public async Task What_is_no_longer_what_was_gathered_is_not_packaged(int offset, int length, int reference)
    {
        await using var good = new RecordBuilder().With(Body(0)).Build();
        var resources = good.Resources.Select(r => r.Key.Id != "big" ? r : r with
        {
            SpoolOffset = r.SpoolOffset + offset,
            Length = r.Length + length - offset,
            References = [.. r.References.Select((f, i) => f with { Offset = f.Offset + (i > 90 ? reference : 0) })],
        });
        await using var record = new GatheredRecord(good.Order, good.EhrBase, good.Patient, [.. resources], [], [], good.Spool);

        Assert.That(
            async () => await new PackageBuilder().BuildAsync(record, RecordBuilder.For(PackageForm.Collection), Stream.Null, default),
            Throws.InstanceOf<InvalidDataException>());
    }

    [Test]
    public async Task A_file_of_40_MB_is_packaged_in_less_than_a_megabyte_of_memory([Values] PackageForm form)
    {
        await using var record = new RecordBuilder().With(
            $$$"""{"resourceType":"DocumentReference","id":"big","status":"current","subject":{"reference":"Patient/p"},"content":[{"attachment":{"data":"{{{new string('A', 40_000_000)}}}"}}]}""").Build();
        var cut = CutUp(record, "big");

        long before = GC.GetAllocatedBytesForCurrentThread();
        var build = new PackageBuilder().BuildAsync(cut, RecordBuilder.For(form), Stream.Null, default);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(build.IsCompleted);
        Assert.That(await build, Is.InstanceOf<PackagingOutcome.Packaged>());
        Assert.That(allocated, Is.LessThan(1_000_000));
    }

    private static async Task<byte[]> PackageAsync(string body, PackageForm form, bool cut)
    {
        await using var built = new RecordBuilder().With(body).Build();
        var record = cut ? CutUp(built, "big") : built;
        using var output = new MemoryStream();
        Assert.That(await new PackageBuilder().BuildAsync(record, RecordBuilder.For(form), output, default), Is.InstanceOf<PackagingOutcome.Packaged>());
        return output.ToArray();
    }

    /// <summary>As gathering keeps it: pieces of its last file stand elsewhere in the spool, in another order.</summary>
    private static GatheredRecord CutUp(GatheredRecord record, string id)
    {
        var whole = record.Resources.Single(r => r.Key.Id == id);
        byte[] buffer = [];
        byte[] bytes = record.Body(whole, ref buffer).ToArray();
        int last = bytes.AsSpan().LastIndexOf("\"data\":\""u8) + 8 + 20_000, end = last + bytes.AsSpan(last).IndexOf((byte)'"'), from = last;
        int[] ends = [from, from + 1, from + 65_536, from + 65_537, end - 10];
        var kept = new long[ends.Length];
        for (int i = ends.Length - 1; i > 0; i--) kept[i] = record.Spool.Append(bytes.AsSpan(ends[i - 1]..ends[i]));
        long thin = record.Spool.Append((byte[])[.. bytes[..from], .. bytes[(end - 10)..]]);
        BodyCut[] cuts = [.. Enumerable.Range(1, ends.Length - 1).Select(i => new BodyCut(from, kept[i], ends[i] - ends[i - 1]))];
        Assert.That(Convert.ToHexStringLower(SHA256.HashData(bytes)), Is.EqualTo(whole.Sha256.ToString()));
        return new GatheredRecord(
            record.Order, record.EhrBase, record.Patient, [.. record.Resources.Select(r => r == whole ? r with { SpoolOffset = thin, Cuts = cuts } : r)], record.Gaps, record.Searches, record.Spool);
    }
}
