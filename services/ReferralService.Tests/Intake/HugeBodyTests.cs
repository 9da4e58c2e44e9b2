using System.IO.Compression;
using System.Net;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Intake;

/// <summary>Bodies that are large, or small and would become large: answered soon, and with little memory.</summary>
[NonParallelizable]
public sealed class HugeBodyTests
{
    private const string Hook = "/fhir/notify/main";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private IntakeHost _host = null!;

    [SetUp]
    public async Task Start() => _host = await IntakeHost.StartAsync(("Intake:MaxNotificationBytes", "8388608"));

    [TearDown]
    public async Task End() => await _host.DisposeAsync();

    private static IEnumerable<TestCaseData> Large()
    {
        static TestCaseData Row(string name, Func<string> body, HttpStatusCode status, string[] orders, bool sweep)
            => new TestCaseData(body, status, orders, sweep).SetArgDisplayNames(name);

        static string Many(int count, string item) => string.Join(',', Enumerable.Repeat(item, count));

        yield return Row("100 000 entries that name nothing", () => $$"""{"resourceType":"Bundle","type":"history","entry":[{{Many(100_000, "{}")}}]}""", HttpStatusCode.Accepted, [], true);
        yield return Row(
            "50 000 entries that each name an order",
            () => $$"""{"resourceType":"Bundle","type":"history","entry":[{{string.Join(',', Enumerable.Range(0, 50_000).Select(i => $$"""{"fullUrl":"{{Hooks.Base}}/ServiceRequest/{{i}}"}"""))}}]}""",
            HttpStatusCode.Accepted, [], true);
        yield return Row("a million items", () => $$"""{"resourceType":"ServiceRequest","id":"sr-1","x":[{{Many(1_000_000, "1")}}]}""", HttpStatusCode.Accepted, ["sr-1"], false);
        yield return Row("200 000 members", () => $$"""{"resourceType":"ServiceRequest","id":"sr-1",{{string.Join(',', Enumerable.Range(0, 200_000).Select(i => $"\"a{i}\":1"))}}}""", HttpStatusCode.Accepted, ["sr-1"], false);
        yield return Row("a decimal of a million digits", () => $$"""{"resourceType":"ServiceRequest","id":"sr-1","x":1.{{new string('3', 1_000_000)}}}""", HttpStatusCode.Accepted, ["sr-1"], false);
        yield return Row("a text of 10 million characters", () => $$"""{"resourceType":"ServiceRequest","id":"sr-1","x":"{{new string('x', 10_000_000)}}"}""", HttpStatusCode.RequestEntityTooLarge, [], false);
        yield return Row("100 000 brackets in a member", () => $$"""{"resourceType":"ServiceRequest","id":"sr-1","x":{{new string('[', 100_000)}}}""", HttpStatusCode.BadRequest, [], false);
    }

    [Fault("S13")]
    [Fault("S16")]
    [TestCaseSource(nameof(Large))]
    public async Task A_large_body_is_answered_soon_and_its_tree_is_never_built(Func<string> body, HttpStatusCode status, string[] orders, bool sweep)
    {
        var bytes = Hooks.Utf8(body());
        var clock = TimeProvider.System;
        var (began, before) = (clock.GetTimestamp(), GC.GetTotalAllocatedBytes(precise: true));

        using var response = await _host.HookAsync(HttpMethod.Post, Hook, bytes);

        Assert.Multiple(() =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(status));
            Assert.That(clock.GetElapsedTime(began), Is.LessThan(Soon));
            Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan((12L * bytes.Length) + (16 << 20)));
        });
        Assert.That(await _host.TakeHintsAsync(), Is.EqualTo((orders, sweep)));
    }

    [Fault("S14")]
    [TestCase(Hook, false)]
    [TestCase(Hook, true)]
    [TestCase("/api/referrals", false)]
    [TestCase("/api/referrals", true)]
    public async Task A_body_beyond_the_limit_is_413_whether_its_length_is_told_or_not(string path, bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(new byte[9 << 20]) { Headers = { ContentType = new("application/json") } } };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + IntakeHost.Secret);
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await _host.Client.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("body-too-large"));
    }

    [Fault("S15")]
    [TestCase("gzip")]
    [TestCase("br")]
    [TestCase("deflate")]
    [TestCase("gzip, gzip")]
    [TestCase("x-made-up")]
    public async Task A_compressed_body_is_415_and_never_unpacked(string encoding)
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true)) gzip.Write(new byte[256 << 20]);
        using var request = new HttpRequestMessage(HttpMethod.Post, Hook) { Content = new ByteArrayContent(packed.ToArray()) { Headers = { ContentType = new("application/fhir+json") } } };
        request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + IntakeHost.Secret);
        long before = GC.GetTotalAllocatedBytes(precise: true);

        using var response = await _host.Client.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(16 << 20));
    }
}
