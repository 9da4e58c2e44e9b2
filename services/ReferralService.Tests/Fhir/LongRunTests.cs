using System.Text;
using Microsoft.AspNetCore.Http;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Fhir;

/// <summary>Files inside resources are put away while they stream by, and nothing of a resource is lost or let through by that.</summary>
[Fault("E15")]
public sealed class LongRunTests : FhirClientFixture
{
    private static readonly string File200K = Convert.ToBase64String(Enumerable.Range(0, 150_000).Select(i => (byte)(i * 7919 >> 3)).ToArray());

    private readonly MemoryStream _away = new();

    private static IEnumerable<TestCaseData> Bodies() =>
    [
        new TestCaseData(File200K, true).SetName("plain base64"),
        new TestCaseData(File200K.Replace("/", "\\/"), true).SetName("escaped slashes"),
        new TestCaseData(File200K.Replace("+", "\\u002B"), true).SetName("escaped plus signs"),
        new TestCaseData(string.Join("\\r\\n", File200K.Chunk(76).Select(c => new string(c))), true).SetName("lines of 76"),
        new TestCaseData(File200K[..60_000], false).SetName("short"),
        new TestCaseData("data:application/pdf;base64," + File200K, true).SetName("behind other text"),
        new TestCaseData("\\\\" + File200K + "\\\"" + File200K, true).SetName("escaped quotes around"),
        new TestCaseData(string.Join(" ", File200K.Chunk(1000).Select(c => new string(c))), false).SetName("text with spaces"),
        new TestCaseData(File200K + "\\u00e9" + File200K + "é", true).SetName("other letters behind"),
    ];

    [TestCaseSource(nameof(Bodies))]
    public async Task What_was_put_away_and_what_was_left_are_together_what_came(string data, bool cut)
    {
        string json = $$"""  {"resourceType":"Binary","id":"b","contentType":"application/pdf","data":"{{data}}","x":[{"y":"{{data}}"},12] }  """;
        var client = await Client(c => InPieces(c, json));

        var read = await client.ReadAsync("Binary", "b", Keep, default);

        Assert.That(Whole(read), Is.EqualTo(json.Trim()));
        Assert.That(read.Length, Is.EqualTo(Encoding.UTF8.GetByteCount(json.Trim())));
        Assert.That(read.Cuts.Count > 0, Is.EqualTo(cut));
        if (cut) Assert.That(read.Utf8.Length, Is.LessThan(json.Length / 2));
    }

    [Test]
    public async Task A_number_however_long_stays_where_it_is()
    {
        string json = $$"""{"resourceType":"Basic","id":"b","x":[1,{{new string('7', 200_000)}},2],"y":"{{File200K}}"}""";
        var client = await Client(c => InPieces(c, json));

        var read = await client.ReadAsync("Basic", "b", Keep, default);

        Assert.That(Whole(read), Is.EqualTo(json));
        Assert.That(Sample.Text(read.Utf8), Does.Contain(new string('7', 200_000)));
        Assert.That(read.Cuts, Is.Not.Empty);
    }

    [Test]
    public async Task Each_entry_of_a_page_has_its_own_cuts()
    {
        string[] resources = [.. Enumerable.Range(0, 5).Select(i => $$"""{"resourceType":"Basic","id":"b{{i}}","z":"{{(i == 2 ? "small" : File200K[i..])}}"}""")];
        string page = "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"note\":\"" + File200K + "\",\"entry\":["
            + string.Join(',', resources.Select(r => $$"""{"fullUrl":"{{File200K}}","resource":{{r}}}""")) + "]}";
        var client = await Client(c => InPieces(c, page));
        var got = new List<string>();

        await client.SearchAsync("Basic", "", Keep, (entry, _) =>
        {
            got.Add(Whole(entry.Resource));
            return ValueTask.CompletedTask;
        }, default);

        Assert.That(got, Is.EqualTo(resources));
    }

    [TestCase("A\\u0000", FormatCode.JsonEncoding)]
    [TestCase("A\\ud800", FormatCode.JsonEncoding)]
    [TestCase("A\\ud83dAAAA\\ude00", FormatCode.JsonEncoding, Description = "Halves of one letter with something between them")]
    [TestCase("A\\x", FormatCode.JsonInvalid)]
    [TestCase("A\n", FormatCode.JsonInvalid)]
    [TestCase("A\u0007", FormatCode.JsonInvalid)]
    public async Task What_is_no_JSON_is_not_made_JSON_by_taking_something_out(string behind, string code)
    {
        var client = await Client(c => InPieces(c, "{\"resourceType\":\"Binary\",\"id\":\"b\",\"data\":\"" + File200K + behind + File200K + "\"}"));

        Assert.That(Assert.ThrowsAsync<FhirFormatException>(() => client.ReadAsync("Binary", "b", Keep, default))!.Code, Is.EqualTo(code));
    }

    [Test]
    public async Task Pieces_that_are_cut_out_are_never_many_and_small()
    {
        string data = File200K + string.Concat(Enumerable.Repeat("A\\t", 100_000));
        var client = await Client(c => InPieces(c, $$"""{"resourceType":"Binary","id":"b","data":"{{data}}"}"""));

        var read = await client.ReadAsync("Binary", "b", Keep, default);

        Assert.That(Whole(read), Does.Contain(data));
        Assert.That(read.Cuts, Has.Count.LessThan(10));
    }

    [Test]
    public async Task A_body_that_ends_within_a_long_run_is_truncated()
    {
        var client = await Client(c => InPieces(c, $$"""{"resourceType":"Binary","id":"b","data":"{{File200K}}\u00"""));

        Assert.That(Assert.ThrowsAsync<FhirFormatException>(() => client.ReadAsync("Binary", "b", Keep, default))!.Code, Is.EqualTo(FormatCode.JsonTruncated));
    }

    [Test]
    public async Task One_entry_may_not_be_longer_than_a_resource_may_be_however_much_of_it_was_put_away()
    {
        var client = await Client(
            c => InPieces(c, $$$"""{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Basic","id":"b","z":"{{{File200K}}}"}}]}"""),
            new FhirClientOptions { MaxBodyBytes = 150_000 });

        Assert.That(Assert.ThrowsAsync<FhirRequestException>(() => client.SearchAsync("Basic", "", Keep, Ignore, default))!.Code, Is.EqualTo(RequestCode.TooLarge));
    }

    [Test]
    public async Task A_file_of_20_MB_allocates_less_than_2()
    {
        byte[] block = Encoding.ASCII.GetBytes(File200K[..192_000]);
        var client = await Client(async c =>
        {
            c.Response.ContentType = "application/fhir+json";
            await c.Response.WriteAsync("{\"resourceType\":\"Binary\",\"id\":\"b\",\"data\":\"");
            for (int i = 0; i < 146; i++) await c.Response.Body.WriteAsync(block);
            await c.Response.WriteAsync("\"}");
        });
        long kept = 0;
        KeepBytes count = run => kept += run.Length;
        await client.ReadAsync("Binary", "b", count, default); // Code and pools are warm.

        kept = 0;
        long before = GC.GetTotalAllocatedBytes(precise: true);
        var read = await client.ReadAsync("Binary", "b", count, default);
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.That(read.Length, Is.GreaterThan(28_000_000));
        Assert.That(kept, Is.GreaterThan(27_900_000));
        Assert.That(allocated, Is.LessThan(2_000_000));
    }

    private long Keep(ReadOnlySpan<byte> bytes)
    {
        _away.Position = _away.Length;
        _away.Write(bytes);
        return _away.Length - bytes.Length;
    }

    private string Whole(RawResource resource)
    {
        var whole = new StringBuilder();
        int at = 0;
        foreach (var cut in resource.Cuts)
        {
            whole.Append(Encoding.UTF8.GetString(resource.Utf8.Span[at..cut.At]));
            whole.Append(Encoding.UTF8.GetString(_away.ToArray().AsSpan((int)cut.Kept, cut.Length)));
            at = cut.At;
        }

        return whole.Append(Encoding.UTF8.GetString(resource.Utf8.Span[at..])).ToString();
    }

    /// <summary>In pieces whose ends fall everywhere.</summary>
    private static async Task InPieces(HttpContext context, string json)
    {
        context.Response.ContentType = "application/fhir+json";
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        for (int at = 0, size = 1; at < bytes.Length; size = (size * 3 % 40_009) + 1)
        {
            int count = Math.Min(size, bytes.Length - at);
            await context.Response.Body.WriteAsync(bytes.AsMemory(at, count));
            await context.Response.Body.FlushAsync();
            at += count;
        }
    }
}
