using System.Text;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Errors;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Fhir;

public sealed class SearchPageReaderTests
{
    private const string Page = """
        {"entry":[
           {"search":{"mode":"match","score":1.00},"resource":{ "resourceType":"Observation", "id":"a", "v":1.00 },"fullUrl":"https://e/Observation/a"},
           {"fullUrl":"https:\/\/e/Patient/p","resource":{"resourceType":"Patient","id":"p","link":[{"relation":"next","url":"no"}],"entry":[{"resource":1}]},"search":{"x":[{"mode":"match"}],"mode":"include"}},
           {"fullUrl":"https://e/none"},
           {"resource":{"resourceType":"OperationOutcome","issue":[]},"search":{"mode":"match"}},
           {"resource":{"resourceType":"Basic","id":"b"},"search":{"mode":"outcome"}},
           {"resource":{"resourceType":"Observation","id":"c"}, "response":{"status":"200"}}
         ],
         "meta":{"link":{"relation":"next"},"total":7},
         "total":6,"type":"searchset",
         "link":[{"relation":"self","url":"https://e/Observation?_count=2"},{"url":"https://e/next?x=\u0026y","relation":"next"},{"relation":"first","url":"f"}],
         "resourceType":"Bundle"}
        """;

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(7)]
    [TestCase(100_000)]
    public async Task A_page_reads_the_same_in_pieces_of_any_size(int piece)
    {
        var (page, entries) = await Read(Page, piece);

        Assert.That(entries, Is.EqualTo(new[]
        {
            ("https://e/Observation/a", SearchEntryMode.Match, "Observation", "a", "{ \"resourceType\":\"Observation\", \"id\":\"a\", \"v\":1.00 }"),
            ("https://e/Patient/p", SearchEntryMode.Include, "Patient", "p",
                "{\"resourceType\":\"Patient\",\"id\":\"p\",\"link\":[{\"relation\":\"next\",\"url\":\"no\"}],\"entry\":[{\"resource\":1}]}"),
            (null, SearchEntryMode.Outcome, "OperationOutcome", null, "{\"resourceType\":\"OperationOutcome\",\"issue\":[]}"),
            (null, SearchEntryMode.Outcome, "Basic", "b", "{\"resourceType\":\"Basic\",\"id\":\"b\"}"),
            (null, SearchEntryMode.Match, "Observation", "c", "{\"resourceType\":\"Observation\",\"id\":\"c\"}"),
        }));
        Assert.That(page, Is.EqualTo(new SearchPage("https://e/Observation?_count=2", "https://e/next?x=&y", 6, 5, Encoding.UTF8.GetByteCount(Page)) { Hollow = 1 }));
    }

    [TestCase("\"a_b~\"", "a_b~", false)]
    [TestCase("\"../1\"", null, true)]
    [TestCase("\"..\"", null, true)]
    [TestCase("\"a b\"", null, true)]
    [TestCase("\"a\\r\\nb\"", null, true)]
    [TestCase("\"\"", null, true)]
    [TestCase("7", null, true)]
    [TestCase("{\"id\":\"x\"}", null, true)]
    [TestCase("null", null, false)]
    public async Task An_odd_id_costs_nobody_else_of_the_page(string written, string? id, bool unusable)
    {
        var json = $$$"""{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Basic","id":{{{written}}}}},{"resource":{"resourceType":"Basic","id":"next"}}]}""";
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        var read = new List<(string?, bool)>();

        await SearchPageReader.ReadAsync(stream, long.MaxValue, (entry, _) =>
        {
            read.Add((entry.Resource.Id, entry.Resource.IdIsUnusable));
            return ValueTask.CompletedTask;
        }, default);

        Assert.That(read, Is.EqualTo(new[] { (id, unusable), ("next", false) }));
    }

    [TestCase("""{"resourceType":"Bundle","type":"searchset"}""")]
    [TestCase("""{"resourceType":"Bundle","type":"searchset","entry":[],"link":[]}""")]
    [TestCase("""{"resourceType":"Bundle","type":"searchset","entry":null,"total":"many"}""")]
    public async Task A_page_may_have_no_entries(string json)
    {
        var (page, entries) = await Read(json, 5);

        Assert.That(entries, Is.Empty);
        Assert.That(page, Is.EqualTo(new SearchPage(null, null, null, 0, json.Length)));
    }

    [TestCase("", FormatCode.NotJson)]
    [TestCase("  \r\n", FormatCode.NotJson)]
    [TestCase("<!DOCTYPE html><title>Log in</title>", FormatCode.NotJson)]
    [TestCase("\uFEFF{}", FormatCode.JsonEncoding)]
    [TestCase("[]", FormatCode.NotAResource)]
    [TestCase("{}", FormatCode.NotAResource)]
    [TestCase("""{"resourceType":"OperationOutcome","issue":[]}""", FormatCode.WrongType)]
    [TestCase("""{"resourceType":"Bundle"}""", FormatCode.WrongType)]
    [TestCase("""{"resourceType":"Bundle","type":"batch-response"}""", FormatCode.WrongType)]
    [TestCase("""{"resourceType":"Bundle","type":"searchset","entry":{}}""", FormatCode.ElementShape)]
    [TestCase("""{"resourceType":"Bundle","type":"searchset","entry":[[]]}""", FormatCode.ElementShape)]
    [TestCase("""{"resourceType":"Bundle","type":"searchset","entry":[{"resource":[]}]}""", FormatCode.ElementShape)]
    [TestCase("""{"resourceType":"Bundle","type":"searchset","link":[{"url":1}]}""", FormatCode.ElementShape)]
    [TestCase("""{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{}}]}""", FormatCode.NotAResource)]
    [TestCase("""{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Basic","a":1,"a":2}}]}""", FormatCode.JsonDuplicateKey)]
    [TestCase("""{"resourceType":"Bundle","type":"searchset","type":"searchset"}""", FormatCode.JsonDuplicateKey)]
    [TestCase("""{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Basic"},"resource":{"resourceType":"Basic"}}]}""", FormatCode.JsonDuplicateKey)]
    [TestCase("""{"resourceType":"Bundle","type":"searchset"} x""", FormatCode.JsonInvalid)]
    [TestCase("""{"resourceType":"Bundle","type":"searchset",}""", FormatCode.JsonInvalid)]
    public void What_is_no_searchset_is_refused_with_its_code(string json, string code)
    {
        foreach (int piece in new[] { 1, 3, 100_000 })
            Assert.That(Assert.ThrowsAsync<FhirFormatException>(() => Read(json, piece))!.Code, Is.EqualTo(code), $"in pieces of {piece}");
    }

    [Test]
    public void A_page_cut_anywhere_is_truncated()
    {
        string whole = Page.TrimEnd();
        for (int length = 1; length < whole.Length; length += 3)
            Assert.That(Assert.ThrowsAsync<FhirFormatException>(() => Read(whole[..length], 64))!.Code, Is.EqualTo(FormatCode.JsonTruncated), $"cut at {length}");
    }

    [Test]
    public async Task A_resource_has_the_whole_depth_to_itself()
    {
        string Deep(int within) => "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"entry\":[{\"resource\":{\"resourceType\":\"Basic\",\"a\":"
            + new string('[', within) + new string(']', within) + "}}]}";

        Assert.That((await Read(Deep(63), 10)).Entries, Has.Count.EqualTo(1));
        Assert.That(Assert.ThrowsAsync<FhirFormatException>(() => Read(Deep(64), 10))!.Code, Is.EqualTo(FormatCode.JsonTooDeep));
    }

    [Test]
    public void What_stands_around_a_resource_has_no_more_depth_for_it()
    {
        string json = "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"entry\":[{\"resource\":{\"resourceType\":\"Basic\"}}],\"a\":"
            + new string('[', 64) + new string(']', 64) + "}";

        Assert.That(Assert.ThrowsAsync<FhirFormatException>(() => Read(json, 10))!.Code, Is.EqualTo(FormatCode.JsonTooDeep));
    }

    [Test]
    public void A_page_past_its_bound_is_refused()
    {
        long bound = Encoding.UTF8.GetByteCount(Page);

        Assert.DoesNotThrowAsync(() => Read(Page, 50, bound));
        Assert.That(Assert.ThrowsAsync<FhirFormatException>(() => Read(Page, 50, bound - 1))!.Code, Is.EqualTo(FormatCode.JsonTooLarge));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_resource_of_many_megabytes_comes_whole()
    {
        string big = "{\"resourceType\":\"Binary\",\"id\":\"b\",\"data\":\"" + new string('A', 8_000_000) + "\"}";
        string json = "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"entry\":[{\"resource\":" + big + "},{\"resource\":{\"resourceType\":\"Basic\",\"id\":\"after\"}}]}";

        var (_, entries) = await Read(json, 1500);

        Assert.That(entries.Select(e => e.Id), Is.EqualTo(new[] { "b", "after" }));
        Assert.That(entries[0].Json, Is.EqualTo(big));
    }

    [Test]
    public void One_entry_is_bounded_apart_from_the_page()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(
            $$$"""{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Basic","id":"a","x":"{{{new string('x', 300_000)}}}"}}]}"""));

        Assert.That(
            Assert.ThrowsAsync<FhirFormatException>(() => SearchPageReader.ReadAsync(stream, 1 << 20, 200_000, null, (_, _) => ValueTask.CompletedTask, default))!.Code,
            Is.EqualTo(FormatCode.JsonTooLarge));
    }

    [Test]
    public async Task An_entry_is_handed_over_before_the_rest_of_the_page_has_come()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("""{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Basic","id":"a"}}""");
        using var stop = new CancellationTokenSource();
        await using var stream = new PiecewiseStream(bytes, 10, thenWaits: true);
        var first = new TaskCompletionSource<string?>();

        var reading = SearchPageReader.ReadAsync(stream, long.MaxValue, (e, _) =>
        {
            first.TrySetResult(e.Resource.Id);
            return ValueTask.CompletedTask;
        }, stop.Token);

        Assert.That(await first.Task.WaitAsync(TimeSpan.FromSeconds(10)), Is.EqualTo("a"));
        await stop.CancelAsync();
        Assert.That(async () => await reading, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void What_the_sink_throws_comes_out_as_it_is()
        => Assert.ThrowsAsync<InvalidTimeZoneException>(() => SearchPageReader.ReadAsync(
            new PiecewiseStream(Encoding.UTF8.GetBytes(Page), 100), long.MaxValue, (_, _) => throw new InvalidTimeZoneException(), default));

    internal static async Task<(SearchPage Page, List<(string? FullUrl, SearchEntryMode Mode, string Type, string? Id, string Json)> Entries)> Read(
        string json, int piece, long maxBytes = long.MaxValue)
    {
        var entries = new List<(string?, SearchEntryMode, string, string?, string)>();
        var page = await ReadWith(json, piece, e => entries.Add((e.FullUrl, e.Mode, e.Resource.Type, e.Resource.Id, Sample.Text(e.Resource.Utf8))), maxBytes);
        return (page, entries);
    }

    internal static async Task<SearchPage> ReadWith(string json, int piece, Action<SearchEntry> take, long maxBytes = long.MaxValue)
    {
        await using var stream = new PiecewiseStream(Encoding.UTF8.GetBytes(json), piece);
        return await SearchPageReader.ReadAsync(stream, maxBytes, (e, _) =>
        {
            take(e);
            return ValueTask.CompletedTask;
        }, CancellationToken.None);
    }
}
