namespace ReferralService.Tests.Contracts.OpenApi;

/// <summary>Every example of contracts/openapi.json is sent to the real service, every documented answer brought about, and each held against what is documented.</summary>
[TestFixture]
internal sealed class OpenApiExampleTests
{
    private OpenApiStage _stage = null!;

    [OneTimeSetUp]
    public async Task Start() => _stage = await OpenApiStage.StartAsync();

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    private static IEnumerable<TestCaseData> Cases()
        => OpenApiProvocations.All().Select(c => new TestCaseData(c.Operation, c.Status, c.Example).SetArgDisplayNames(c.Operation.Id, $"{c.Status}", c.Example ?? ""));

    private static IEnumerable<string> Paths() => OpenApiDocument.Kept.Operations.Select(operation => operation.Path).Distinct();

    [TestCaseSource(nameof(Cases))]
    public async Task An_answer_is_as_documented(OpenApiOperation operation, int status, string? example)
    {
        using var answer = await OpenApiProvocations.SendAsync(_stage, operation, status, example);
        var body = await answer.Content.ReadAsByteArrayAsync();

        Assert.That((int)answer.StatusCode, Is.EqualTo(status), System.Text.Encoding.UTF8.GetString(body));
        Assert.That(OpenApiDocument.Kept.Check(operation.Response(status), answer.Content.Headers.ContentType?.MediaType, body), Is.Empty);
    }

    [TestCaseSource(nameof(Paths))]
    public async Task Another_method_is_answered_as_documented(string path)
    {
        var operation = OpenApiDocument.Kept.Operations.First(operation => operation.Path == path);
        using var request = new HttpRequestMessage(HttpMethod.Patch, operation.Address());
        request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", OpenApiStage.SecretOf("privacy"));
        using var answer = await _stage.Service.Http.SendAsync(request);

        Assert.That((int)answer.StatusCode, Is.EqualTo(405));
        Assert.That(OpenApiDocument.Kept.Check(OpenApiDocument.Kept.OtherMethods(path), answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsByteArrayAsync()), Is.Empty);
    }

    /// <summary>Proof that the checks above can fail.</summary>
    [Test]
    public void An_answer_of_another_shape_or_code_is_found()
    {
        var operation = OpenApiDocument.Kept.Operation("submitReferral");
        static byte[] Problem(string code) => System.Text.Encoding.UTF8.GetBytes($$"""{"type":"urn:referral-service:problem:x","title":"x","status":404,"detail":"x","code":"{{code}}","traceId":"x"}""");

        Assert.Multiple(() =>
        {
            Assert.That(OpenApiDocument.Kept.Check(operation.Response(404), "application/problem+json", Problem("ehr-unknown")), Is.Empty);
            Assert.That(OpenApiDocument.Kept.Check(operation.Response(404), "application/problem+json", Problem("not-found")), Is.EqualTo(new[] { "the code not-found is not documented" }));
            Assert.That(OpenApiDocument.Kept.Check(operation.Response(404), "application/json", Problem("ehr-unknown")), Is.EqualTo(new[] { "application/json is not documented" }));
            Assert.That(OpenApiDocument.Kept.Check(operation.Response(202), "application/json", "{\"id\":1}"u8.ToArray()), Has.Count.EqualTo(2));
        });
    }
}
