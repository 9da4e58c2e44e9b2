using System.Text;
using ReferralService.Gathering;
using ReferralService.Sandbox.Ehr;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering.Files;

/// <summary>The ladder: inside the resource, an entry of its own, or its address and why.</summary>
public sealed class FileSizeTests
{
    private static readonly GatheringOptions Small = new() { MaxAttachmentBytes = 1000 };

    [TestCase(1000, null)]
    [TestCase(1001, "too-large")]
    public async Task A_file_beyond_the_limit_for_one_is_its_address_and_a_reason(int length, string? reason)
    {
        await using var scene = await FileScene.StartAsync(FileScene.Pdf(new string('x', length)), options: Small);
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/x"));

        await using var record = await scene.Bench.RecordAsync();

        Assert.That(record.GapLines(), Is.EqualTo(reason is null ? Array.Empty<string>() : new[] { $"{scene.Origin}/x {reason} DocumentReference.content.attachment" }));
        Assert.That(record.Keys().Count(k => k.StartsWith("Binary/", StringComparison.Ordinal)), Is.EqualTo(reason is null ? 1 : 0));
    }

    [Test]
    public async Task A_file_whose_length_is_not_told_is_given_up_at_the_limit()
    {
        await using var scene = await FileScene.StartAsync(
            async http =>
            {
                http.Response.ContentType = "application/pdf";
                for (int i = 0; i < 10_000 && !http.RequestAborted.IsCancellationRequested; i++) await http.Response.Body.WriteAsync(new byte[500]);
            },
            options: Small);
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/x"));

        await using var record = await scene.Bench.RecordAsync();

        Assert.That(record.GapLines(), Is.EqualTo(new[] { $"{scene.Origin}/x too-large DocumentReference.content.attachment" }));
    }

    [Test]
    public async Task A_file_that_announces_too_many_bytes_is_given_up_before_the_first()
    {
        await using var scene = await FileScene.StartAsync(
            async http =>
            {
                http.Response.ContentType = "application/pdf";
                http.Response.ContentLength = 1_000_000;
                await http.Response.Body.FlushAsync();
                var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await using var registered = http.RequestAborted.Register(gone.SetResult);
                await gone.Task;
            },
            options: Small);
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/x"));

        // Far sooner than a body that does not come is given up.
        await using var record = await scene.Bench.RecordAsync().WaitAsync(TimeSpan.FromSeconds(12));

        Assert.That(record.GapLines(), Is.EqualTo(new[] { $"{scene.Origin}/x too-large DocumentReference.content.attachment" }));
    }

    [Test]
    public async Task What_its_document_says_is_too_large_is_not_asked_for()
    {
        await using var scene = await FileScene.StartAsync(FileScene.Pdf("x"), options: Small);
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/x", "\"size\":1001"), FileScene.Document("e", "Binary/b", "\"size\":1001"));

        await using var record = await scene.Bench.RecordAsync();

        Assert.That(record.GapLines(), Is.EqualTo(new[] { "Binary/b too-large DocumentReference.content.attachment", $"{scene.Origin}/x too-large DocumentReference.content.attachment" }));
        Assert.That(scene.Asked, Is.Empty);
        Assert.That(scene.Bench.Ehr.Requests.CountOf("GET", "/Binary"), Is.Zero);
    }

    [TestCase("\"size\":3")]
    [TestCase("")]
    public async Task A_size_that_one_document_has_wrong_does_not_keep_the_file_from_another(string other)
    {
        await using var scene = await FileScene.StartAsync(FileScene.Pdf("pdf"), options: Small);
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/x", "\"size\":1001"), FileScene.Document("e", $"{scene.Origin}/x", other));

        await using var record = await scene.Bench.RecordAsync();

        Assert.That(record.Binary().Data(), Has.Length.EqualTo(3));
        Assert.That(record.GapLines(), Is.EqualTo(new[] { $"{scene.Origin}/x bad-content DocumentReference.content.attachment" }), "and that it is wrong is told");
    }

    [Test]
    public async Task A_Binary_that_comes_as_JSON_has_the_same_limit([Values] bool bare)
    {
        await using var bench = await GatherBench.StartAsync(new SandboxEhrOptions { BareBinaries = bare }, new GatheringOptions { MaxAttachmentBytes = 100_000 });
        bench.WithOrder().Load(FileScene.Document("d", "Binary/b"), $$"""{"resourceType":"Binary","id":"b","contentType":"application/pdf","data":"{{Convert.ToBase64String(new byte[200_000])}}"}""");

        await using var record = await bench.RecordAsync();

        Assert.That(record.GapLines(), Is.EqualTo(new[] { "Binary/b too-large DocumentReference.content.attachment" }));
    }

    [Test]
    public async Task Files_beyond_the_limit_of_the_record_are_told_and_the_rest_goes()
    {
        await using var scene = await FileScene.StartAsync(
            http => FileScene.WriteAsync(http, "application/pdf", Encoding.UTF8.GetBytes(http.Request.Path + new string('x', 300_000))), options: new GatheringOptions { MaxRecordBytes = 1_000_000, Parallelism = 1 });
        scene.Bench.Load([.. Enumerable.Range(0, 4).Select(i => FileScene.Document($"d{i}", $"{scene.Origin}/{i}"))]);

        await using var record = await scene.Bench.RecordAsync();

        Assert.That(record.Keys().Count(k => k.StartsWith("Binary/", StringComparison.Ordinal)), Is.EqualTo(2));
        Assert.That(record.Keys().Count(k => k.StartsWith("DocumentReference/", StringComparison.Ordinal)), Is.EqualTo(4));
        Assert.That(record.GapLines().Count(l => l.Contains(" too-large ", StringComparison.Ordinal)), Is.EqualTo(2));
    }

    [Test]
    [Fault("E15")]
    public async Task A_large_file_streams_through_to_the_spool()
    {
        const int Length = 40_000_000;
        await using var scene = await FileScene.StartAsync(async http =>
        {
            http.Response.ContentType = "application/pdf";
            http.Response.ContentLength = Length;
            byte[] some = new byte[100_000];
            for (int sent = 0; sent < Length; sent += some.Length) await http.Response.Body.WriteAsync(some);
        });
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/x"));

        await using var record = await scene.Bench.RecordAsync();
        var kept = record.Resources.Single(r => r.Key.Type == "Binary");

        Assert.That(SpooledBody.ThinLength(kept), Is.LessThan(70_000), "the rest is in pieces in the spool");
        Assert.That(record.Binary().Data(), Has.Length.EqualTo(Length));
    }

    [TestCase(4, "\"size\":4", false)]
    [TestCase(4, "\"size\":3", true)]
    [TestCase(4, "\"hash\":\"kGnKeOdFCihRc0MbPlLFwlKZ5HM=\"", false)]
    [TestCase(300_001, "\"size\":300001", false)]
    [TestCase(300_001, "\"size\":300000", true)]
    [TestCase(300_001, "\"hash\":\"kGnKeOdFCihRc0MbPlLFwlKZ5HM=\"", true)]
    [Fault("S29")]
    public async Task The_file_inside_a_Binary_that_came_as_JSON_is_compared_too(int length, string said, bool told)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(FileScene.Document("d", "Binary/b", said), $$"""{"resourceType":"Binary","id":"b","contentType":"application/pdf","data":"{{Convert.ToBase64String(new byte[length])}}"}""");

        await using var record = await bench.RecordAsync();

        Assert.That(record.Binary().Data(), Has.Length.EqualTo(length));
        Assert.That(record.GapLines(), Is.EqualTo(told ? ["Binary/b bad-content DocumentReference.content.attachment"] : Array.Empty<string>()));
    }

    [TestCase(200, " ", false)]
    [TestCase(200, "\\r\\n", true)]
    [TestCase(300_000, "\\n", false)]
    [TestCase(300_000, "\\n", true)]
    [TestCase(300_000, "\\u0020\\t", true)]
    [Fault("S29")]
    public async Task Base64_in_lines_is_compared_too(int length, string lineBreak, bool told)
    {
        byte[] file = new byte[length];
        for (int i = 0; i < length; i++) file[i] = (byte)(i * 7);
        // Some writers escape what needs none.
        string data = string.Join(lineBreak, Convert.ToBase64String(file).Chunk(76).Select(line => new string(line))).Replace("/", "\\/", StringComparison.Ordinal).Replace("+", "\\u002B", StringComparison.Ordinal) + lineBreak;
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(FileScene.Document("d", "Binary/b", $"\"size\":{(told ? length - 1 : length)}"), $$"""{"resourceType":"Binary","id":"b","contentType":"application/pdf","data":"{{data}}"}""");

        await using var record = await bench.RecordAsync();

        Assert.That(record.GapLines(), Is.EqualTo(told ? ["Binary/b bad-content DocumentReference.content.attachment"] : Array.Empty<string>()));
    }

    [TestCase("\"hash\":\"2jmj7l5rSw0yVb/vlWAYkK/YBwk=\"", true)]
    [TestCase("\"hash\":\"/6nCTGgj4n9A2aKWWl6I2hhVecE=\",\"size\":4", false)]
    [TestCase("\"size\":5", true)]
    [Fault("S29")]
    public async Task Hash_and_size_are_compared_with_the_bytes_that_came_and_the_bytes_go_on(string said, bool told)
    {
        await using var scene = await FileScene.StartAsync(FileScene.Pdf("scan"));
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/x", said));

        await using var record = await scene.Bench.RecordAsync();

        Assert.That(Encoding.UTF8.GetString(record.Binary().Data()), Is.EqualTo("scan"));
        Assert.That(record.GapLines(), Is.EqualTo(told ? [$"{scene.Origin}/x bad-content DocumentReference.content.attachment"] : Array.Empty<string>()));
    }
}
