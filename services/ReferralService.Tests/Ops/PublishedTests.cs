using System.Net;
using System.Net.Http.Headers;
using ReferralService.Tests.Contracts;

namespace ReferralService.Tests.Ops;

/// <summary><c>/contracts</c> over real HTTP: the repository's files, byte for byte.</summary>
internal sealed class PublishedTests
{
    private OpsHost _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await OpsHost.StartAsync();

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    private static IEnumerable<string> Kept()
        => new[] { ContractFiles.AsyncApi, ContractFiles.OpenApi }.Concat(Directory.GetFiles(ContractFiles.Schemas)).Concat(Directory.GetFiles(ContractFiles.Examples))
            .Select(file => Path.GetRelativePath(ContractFiles.Folder, file).Replace('\\', '/'));

    [TestCaseSource(nameof(Kept))]
    public async Task A_contract_is_served_byte_for_byte(string path)
    {
        var served = await _host.Http.GetByteArrayAsync(new Uri($"/contracts/{path}", UriKind.Relative));

        Assert.That(served, Is.EqualTo(await File.ReadAllBytesAsync(Path.Combine(ContractFiles.Folder, path))));
    }

    [Test]
    public async Task The_index_lists_every_file_with_the_tag_that_its_answer_has()
    {
        var (_, index) = await _host.Http.ReadAsync("/contracts");
        var files = index.GetProperty("files").EnumerateArray().ToList();

        Assert.That(files.Select(file => file.Text("path")), Is.SupersetOf(Kept().Select(path => $"/contracts/{path}")));
        foreach (var file in files)
        {
            using var answer = await _host.Http.GetAsync(new Uri(file.Text("path")!, UriKind.Relative));
            Assert.That((answer.Headers.ETag!.Tag, answer.Content.Headers.ContentType!.ToString(), answer.Content.Headers.ContentLength),
                Is.EqualTo((file.Text("etag"), file.Text("contentType"), file.GetProperty("bytes").GetInt64())));
        }
    }

    [Test]
    public async Task The_OpenAPI_document_is_where_tools_look_for_it()
    {
        var served = await _host.Http.GetByteArrayAsync(new Uri("/openapi/v1.json", UriKind.Relative));

        Assert.That(served, Is.EqualTo(await File.ReadAllBytesAsync(ContractFiles.OpenApi)));
    }

    [TestCase("asyncapi.yaml", "application/yaml")]
    [TestCase("schemas/status-event.json", "application/schema+json")]
    [TestCase("examples/status-event.held.json", "application/json")]
    public async Task A_file_has_its_type(string path, string type)
    {
        using var answer = await _host.Http.GetAsync(new Uri($"/contracts/{path}", UriKind.Relative));

        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo(type));
    }

    [Test]
    public async Task What_the_caller_has_already_is_not_sent_again([Values] bool weak)
    {
        using var first = await _host.Http.GetAsync(new Uri("/contracts/asyncapi.yaml", UriKind.Relative));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/contracts/asyncapi.yaml");
        request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue(first.Headers.ETag!.Tag, weak));
        using var second = await _host.Http.SendAsync(request);

        Assert.That((second.StatusCode, (await second.Content.ReadAsByteArrayAsync()).Length), Is.EqualTo((HttpStatusCode.NotModified, 0)));
    }

    [Test]
    public async Task A_browser_gets_a_list_of_links()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/contracts") { Headers = { { "Accept", "text/html,application/xhtml+xml,*/*;q=0.8" } } };
        using var answer = await _host.Http.SendAsync(request);

        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/html"));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("<a href=\"/contracts/schemas/status-event.json\">"));
    }

    [TestCase("/contracts/..%2f..%2fappsettings.json")]
    [TestCase("/contracts/schemas/..%2f..%2fReferralService.dll")]
    [TestCase("/contracts/schemas%2fstatus-event.json%00")]
    [TestCase("/contracts/schemas/status-event.JSON")]
    [TestCase("/contracts/ReferralService.Contracts")]
    [TestCase("/contracts/checks/package.json")]
    public async Task An_address_of_none_of_them_leads_nowhere(string address)
    {
        using var answer = await _host.Http.GetAsync(new Uri($"{_host.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)}{address}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound).Or.EqualTo(HttpStatusCode.BadRequest));
    }
}
