using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;

namespace ReferralService.Tests.Fhir;

public sealed class SearchPagingTests : FhirClientFixture
{
    [TestCase(1800, false, "GET /fhir/Observation?")]
    [TestCase(3, false, "POST /fhir/Observation/_search")]
    [TestCase(1800, true, "POST /fhir/Observation/_search")]
    public async Task A_long_query_goes_in_the_body(int maxQuery, bool always, string request)
    {
        const string query = "patient=Patient%2F1&date=ge2024";
        string? seen = null, body = null, type = null;
        var client = await Client(async c =>
        {
            seen = $"{c.Request.Method} {RawTarget(c)}";
            type = c.Request.ContentType;
            body = await new StreamReader(c.Request.Body).ReadToEndAsync();
            await Json(c, Empty);
        }, new FhirClientOptions { MaxQueryLength = maxQuery, AlwaysPostSearch = always });

        await client.SearchAsync("Observation", query, Ignore, default);

        bool post = request.StartsWith("POST", StringComparison.Ordinal);
        Assert.That((seen, body, type), Is.EqualTo((post ? request : request + query, post ? query : "", post ? "application/x-www-form-urlencoded" : null)));
    }

    [TestCase("/fhir/Observation?_offset=20&x=%41%7e%2F..%2f|{}", "/fhir/Observation?_offset=20&x=%41%7e%2F..%2f|{}")]
    [TestCase("Observation?page=2", "/fhir/Observation?page=2")]
    [TestCase("?cursor=a/b%2F..", "/fhir/?cursor=a/b%2F..")]
    [TestCase("{origin}/pages/../%70age;1?at=%C3%A9==", "/pages/../%70age;1?at=%C3%A9==")]
    public async Task A_next_link_is_followed_as_it_is_written(string link, string target)
    {
        string? asked = null;
        var client = await Client(c =>
        {
            asked = RawTarget(c);
            return Json(c, Empty);
        });

        await client.FollowAsync(link.Replace("{origin}", Origin.GetLeftPart(UriPartial.Authority)), Ignore, default);

        Assert.That(asked, Is.EqualTo(target));
    }

    [TestCase("http://other.example/fhir/Observation?page=2")]
    [TestCase("//other.example/fhir")]
    [TestCase("https://127.0.0.1:{port}/fhir")]
    [TestCase("http://127.0.0.1:1/fhir")]
    [TestCase("http://localhost:{port}/fhir")]
    [TestCase("http://user@127.0.0.1:{port}/fhir")]
    [TestCase("http://127.0.0.1:{port}@other.example/fhir")]
    [TestCase("file:///etc/passwd")]
    [TestCase("http://")]
    public async Task A_next_link_elsewhere_is_not_followed(string link)
    {
        int requests = 0;
        var client = await Client(c =>
        {
            requests++;
            return Json(c, Empty);
        });
        link = link.Replace("{port}", Origin.Port.ToString());

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => client.FollowAsync(link, Ignore, default));

        Assert.That((fault!.Code, fault.Progress, requests), Is.EqualTo((RequestCode.ForeignOrigin, RequestProgress.NotSent, 0)));
    }

    [Test]
    public async Task Pages_are_walked_to_the_end()
    {
        var client = await Client(c => Json(c, c.Request.Query["page"] == "2"
            ? """{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Basic","id":"b"}}]}"""
            : """{"resourceType":"Bundle","type":"searchset","link":[{"relation":"next","url":"Basic?page=2"}],"entry":[{"resource":{"resourceType":"Basic","id":"a"}}]}"""));
        var ids = new List<string?>();
        SearchEntrySink sink = (e, _) =>
        {
            ids.Add(e.Resource.Id);
            return ValueTask.CompletedTask;
        };
        var walk = new SearchWalk(10, 10_000);

        for (string? next = walk.Next(await client.SearchAsync("Basic", "", sink, default)); next is not null;)
            next = walk.Next(await client.FollowAsync(next, sink, default));

        Assert.That(ids, Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public void A_walk_stops_at_a_link_seen_before()
    {
        var walk = new SearchWalk(10, 1000);
        walk.Next(Page("A"));
        walk.Next(Page("B"));

        Assert.That(Assert.Throws<FhirRequestException>(() => walk.Next(Page("A")))!.Code, Is.EqualTo(RequestCode.PageLoop));
    }

    [Test]
    public void A_walk_stops_at_too_many_pages_or_bytes()
    {
        var pages = new SearchWalk(2, 1000);
        pages.Next(Page("1"));
        Assert.That(Assert.Throws<FhirRequestException>(() => pages.Next(Page("2")))!.Code, Is.EqualTo(RequestCode.TooManyPages));

        var bytes = new SearchWalk(100, 150);
        bytes.Next(Page("1"));
        Assert.That(Assert.Throws<FhirRequestException>(() => bytes.Next(Page(null)))!.Code, Is.EqualTo(RequestCode.TooLarge));

        Assert.That(new SearchWalk(1, 1000).Next(Page(null)), Is.Null);
    }

    [Test]
    public async Task A_page_cut_short_by_its_server_is_truncated()
    {
        var client = await Client(c => Json(c, """{"resourceType":"Bundle","type":"searchset","entry":["""));

        Assert.That(Assert.ThrowsAsync<FhirFormatException>(() => client.SearchAsync("Basic", "", Ignore, default))!.Code, Is.EqualTo(FormatCode.JsonTruncated));
    }

    private static SearchPage Page(string? next) => new(null, next, null, 0, 100);
}
