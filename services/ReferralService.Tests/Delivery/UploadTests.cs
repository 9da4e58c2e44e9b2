using System.Security.Cryptography;
using ReferralService.Delivery;
using ReferralService.RecipientDirectory;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Delivery;

/// <summary>Large bodies on slow lines: progress lives, silence ends, nothing is held whole.</summary>
[NonParallelizable]
internal sealed class UploadTests
{
    private const int Block = 64 * 1024;

    [Test]
    public async Task A_slow_upload_that_moves_outlives_many_timeouts()
    {
        var clock = new ManualTimeProvider();
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 201));
        await using var bench = await DeliveryBench.OpenAsync(
            recipient.Base, clock, options: new DeliveryOptions { AttemptTimeout = TimeSpan.FromSeconds(30), MinBytesPerSecond = 1024 });

        var outcome = await bench.SendAsync(DeliveryRoute.PostBundle, Blocks(20, _ => clock.Advance(TimeSpan.FromSeconds(25))));

        Assert.That(outcome, Is.InstanceOf<DeliveryOutcome.Delivered>());
    }

    [Test]
    public async Task An_upload_slower_than_the_least_rate_is_given_up_as_unknown()
    {
        var clock = new ManualTimeProvider();
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 201));
        await using var bench = await DeliveryBench.OpenAsync(
            recipient.Base, clock, options: new DeliveryOptions { AttemptTimeout = TimeSpan.FromSeconds(30), MinBytesPerSecond = 128 * 1024 });

        var outcome = await bench.SendAsync(DeliveryRoute.PostBundle, Blocks(20, _ => clock.Advance(TimeSpan.FromSeconds(25))));

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Unknown("outcome-unknown", null)));
    }

    [Test]
    public async Task An_upload_that_stalls_ends_as_unknown_after_one_request()
    {
        var clock = new ManualTimeProvider();
        var begun = new TaskCompletionSource();
        await using var recipient = await ScriptedRecipient.StartAsync(async http =>
        {
            // Reads no more: the client's writes stop when the buffers on the way are full.
            await http.Request.Body.ReadExactlyAsync(new byte[1]);
            begun.SetResult();
            var gone = new TaskCompletionSource();
            await using var _ = http.RequestAborted.Register(gone.SetResult);
            await gone.Task;
        });
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base, clock, options: new DeliveryOptions { AttemptTimeout = TimeSpan.FromSeconds(30), MinBytesPerSecond = 1024 });

        var sending = bench.SendAsync(DeliveryRoute.PostBundle, Blocks(2000, _ => { }));
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
        while (await Task.WhenAny(sending, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System)) != sending) clock.Advance(TimeSpan.FromSeconds(31));

        Assert.That(await sending, Is.EqualTo(new DeliveryOutcome.Unknown("outcome-unknown", null)));
        Assert.That(recipient.Requests, Is.EqualTo(1));
    }

    [Test]
    public async Task A_recipient_that_never_answers_ends_as_unknown()
    {
        var clock = new ManualTimeProvider();
        await using var recipient = await ScriptedRecipient.StartAsync(async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null);
            var gone = new TaskCompletionSource();
            await using var _ = http.RequestAborted.Register(gone.SetResult);
            await gone.Task;
        });
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base, clock, options: new DeliveryOptions { AttemptTimeout = TimeSpan.FromSeconds(30) });

        var sending = bench.SendAsync(DeliveryRoute.PutBundle);
        while (await Task.WhenAny(sending, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System)) != sending) clock.Advance(TimeSpan.FromSeconds(31));

        Assert.That(await sending, Is.EqualTo(new DeliveryOutcome.Unknown("outcome-unknown", null)));
        Assert.That(recipient.Requests, Is.EqualTo(1));
    }

    [Test]
    public async Task Thirty_megabytes_pass_through_without_being_held()
    {
        string? digest = null;
        long? length = null;
        await using var recipient = await ScriptedRecipient.StartAsync(async http =>
        {
            length = http.Request.ContentLength;
            digest = $"sha-256:{Convert.ToHexStringLower(await SHA256.HashDataAsync(http.Request.Body))}";
            await ScriptedRecipient.AnswerAsync(http, 201);
        });
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);
        var package = Blocks(480, _ => { });
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var outcome = await bench.SendAsync(DeliveryRoute.PutBundle, package);

        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.That(outcome, Is.InstanceOf<DeliveryOutcome.Delivered>());
        Assert.That((length, digest), Is.EqualTo(((long?)package.Bytes, package.Digest)));
        Assert.That(allocated, Is.LessThan(package.Bytes / 2), "both sides of the wire run in this process, and neither may hold the package");
    }

    [Test]
    public async Task A_package_damaged_at_rest_never_arrives_whole()
    {
        long read = 0;
        var ended = new TaskCompletionSource();
        await using var recipient = await ScriptedRecipient.StartAsync(async http =>
        {
            try
            {
                var buffer = new byte[Block];
                for (int n; (n = await http.Request.Body.ReadAsync(buffer)) > 0;) read += n;
            }
            catch (IOException)
            {
                // The client broke off.
            }

            ended.SetResult();
        });
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);
        var package = Blocks(4, _ => { }) with { Digest = DeliveryBench.Digest([1, 2, 3]) };

        var outcome = await bench.SendAsync(DeliveryRoute.PostBundle, package);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.That(outcome, Is.InstanceOf<DeliveryOutcome.Refused>());
        Assert.That(((DeliveryOutcome.Refused)outcome).Code, Is.EqualTo("vault-damaged"));
        Assert.That(read, Is.LessThan(package.Bytes));
    }

    [Test]
    public async Task A_vault_that_cannot_be_read_is_its_own_failure()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 201));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);
        var package = Blocks(4, block =>
        {
            if (block == 2) throw new InvalidOperationException("vault");
        });

        Assert.That(() => bench.SendAsync(DeliveryRoute.PostBundle, package), Throws.InvalidOperationException);
    }

    [Test]
    public async Task The_callers_cancellation_passes()
    {
        using var stop = new CancellationTokenSource();
        await using var recipient = await ScriptedRecipient.StartAsync(async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null);
            await stop.CancelAsync();
        });
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(
            () => bench.Delivery.SendAsync(bench.Target(DeliveryRoute.PutBundle), DeliveryBench.Package(DeliveryRoute.PutBundle), stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_body_refused_before_it_is_sent_is_heard()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(
            async http =>
            {
                http.Response.StatusCode = 413;
                await http.Response.CompleteAsync();
            },
            maxBody: Block);
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        var outcome = await bench.SendAsync(DeliveryRoute.PostBundle, Blocks(400, _ => { }));

        Assert.That(outcome, Is.InstanceOf<DeliveryOutcome.Refused>(), outcome.ToString());
        Assert.That(((DeliveryOutcome.Refused)outcome).Code, Is.EqualTo("too-large"));
        Assert.That(await bench.Memory.RecallAsync("recipient:uro", CancellationToken.None), Does.ContainKey("max-bytes"));
    }

    /// <summary>So many blocks of the same bytes, made as they are sent.</summary>
    private static SendablePackage Blocks(int count, Action<int> before)
    {
        var block = new byte[Block];
        Array.Fill(block, (byte)' ');
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < count; i++) hash.AppendData(block);
        return new SendablePackage(DeliveryBench.PackageId, $"sha-256:{Convert.ToHexStringLower(hash.GetHashAndReset())}", (long)count * Block, CopyAsync);

        async Task CopyAsync(Stream to, CancellationToken cancellationToken)
        {
            for (var i = 0; i < count; i++)
            {
                before(i);
                await to.WriteAsync(block, cancellationToken);
            }
        }
    }
}
