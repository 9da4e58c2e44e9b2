using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;
using ReferralService.Gathering;
using ReferralService.Intake;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Fhir;

/// <summary>A body may take as long as it needs while it comes steadily; a trickle, a stall and endless headers end.</summary>
[Fault("E07")]
public sealed class PaceTests : FhirClientFixture
{
    private static readonly FhirClientOptions AsOfAnEhr = new() { BodyIdleTimeout = TimeSpan.FromSeconds(15), MinBytesPerSecond = 16 * 1024 };

    private readonly SemaphoreSlim _next = new(0);
    private readonly MemoryStream _received = new();

    [Test]
    public async Task A_byte_a_second_is_given_up_after_the_grace()
    {
        var client = await Client(c => SendAsync(c, [.. Enumerable.Repeat(" "u8.ToArray(), 1000)]), AsOfAnEhr);
        var reading = client.DownloadAsync(new Uri(client.Base), "*/*", _received, default);

        int seconds = await DriveAsync(reading, TimeSpan.FromSeconds(1), blockSize: 1, blocks: 1000, thenSilence: false);

        Assert.That(Assert.ThrowsAsync<FhirRequestException>(() => reading)!.Code, Is.EqualTo(RequestCode.Timeout));
        Assert.That(seconds, Is.InRange(28, 33));
    }

    [Test]
    public async Task A_large_answer_that_comes_steadily_is_read_to_its_end()
    {
        // 24 KiB a second for ten minutes.
        byte[] block = new byte[72 * 1024];
        var client = await Client(c => SendAsync(c, [.. Enumerable.Repeat(block, 200)]), AsOfAnEhr);
        var reading = client.DownloadAsync(new Uri(client.Base), "*/*", _received, default);

        await DriveAsync(reading, TimeSpan.FromSeconds(3), block.Length, blocks: 200, thenSilence: false);
        await reading.WaitAsync(Ceiling);

        Assert.That(_received.Length, Is.EqualTo(200 * block.Length));
        Assert.That(Clock.GetUtcNow() - new ManualTimeProvider().GetUtcNow(), Is.GreaterThan(TimeSpan.FromMinutes(9.5)));
    }

    [Test]
    public async Task A_body_that_stalls_is_given_up_after_fifteen_seconds()
    {
        var client = await Client(c => SendAsync(c, [new byte[1000], []]), AsOfAnEhr);
        var reading = client.DownloadAsync(new Uri(client.Base), "*/*", _received, default);

        int seconds = await DriveAsync(reading, TimeSpan.FromSeconds(1), blockSize: 1000, blocks: 1, thenSilence: true);

        Assert.That(Assert.ThrowsAsync<FhirRequestException>(() => reading)!.Code, Is.EqualTo(RequestCode.Timeout));
        Assert.That(seconds, Is.InRange(14, 16));
    }

    [Test]
    public async Task Headers_without_end_are_cut_off_and_nothing_of_them_is_told()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var socket = await listener.AcceptSocketAsync();
            byte[] line = Encoding.ASCII.GetBytes("X-Secret: \u001b[31mCANARY " + new string('a', 1000) + "\r\n");
            await socket.SendAsync("HTTP/1.1 200 OK\r\n"u8.ToArray());
            try
            {
                while (true) await socket.SendAsync(line);
            }
            catch (SocketException)
            {
                // The client has had enough.
            }
        });
        var to = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/fhir");
        using var http = PartnerHttp.Open(to, new PartnerAuth(), 2, new EgressGuard("main", to, [], NullLogger.Instance));

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => new FhirClient(http, to, AsOfAnEhr, Clock).ReadAsync("Patient", "p1", default).WaitAsync(Ceiling));
        await serving.WaitAsync(Ceiling);

        Assert.That(fault!.Message, Is.EqualTo(fault.Code));
    }

    [Test]
    public async Task Headers_that_come_one_a_second_without_end_are_given_up_after_thirty_seconds()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var sent = 0;
        var serving = Task.Run(async () =>
        {
            using var socket = await listener.AcceptSocketAsync();
            await socket.ReceiveAsync(new byte[4096]);
            try
            {
                await socket.SendAsync("HTTP/1.1 200 OK\r\n"u8.ToArray());
                while (await _next.WaitAsync(Ceiling))
                {
                    await socket.SendAsync("X-More: to come\r\n"u8.ToArray());
                    Interlocked.Increment(ref sent);
                }
            }
            catch (SocketException)
            {
                // The client has had enough.
            }
        });
        var origin = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/fhir");
        var reading = new FhirClient(Http, origin, AsOfAnEhr, Clock).ReadAsync("Patient", "p1", default);

        int seconds = 0;
        for (; !reading.IsCompleted && seconds < 60; seconds++)
        {
            _next.Release();
            await UntilAsync(() => (Volatile.Read(ref sent) > seconds && Clock.Waiting > 0) || reading.IsCompleted);
            Clock.Advance(TimeSpan.FromSeconds(1));
            // What the clock has ended needs a moment to be seen; what goes on waits.
            if (seconds >= 29) await Task.WhenAny(reading, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System));
        }

        Assert.That(Assert.ThrowsAsync<FhirRequestException>(() => reading.WaitAsync(Ceiling))!.Code, Is.EqualTo(RequestCode.Timeout));
        Assert.That(seconds, Is.InRange(29, 31));
        _next.Release(10);
        listener.Stop();
        await serving.WaitAsync(Ceiling);
    }

    /// <summary>Sends a block, waits until the client has it and waits for more, lets the clock go on; how often. After the last block the clock alone goes on, or not.</summary>
    private async Task<int> DriveAsync(Task reading, TimeSpan step, int blockSize, int blocks, bool thenSilence)
    {
        int steps = 0;
        for (; !reading.IsCompleted && (steps < blocks || (thenSilence && steps < 2000)); steps++)
        {
            if (steps < blocks)
            {
                _next.Release();
                await UntilAsync(() => _received.Length >= (steps + 1) * (long)blockSize || reading.IsCompleted);
            }

            // The end of an answer may still be on its way.
            if (steps + 1 == blocks && !thenSilence) continue;
            await UntilAsync(() => Clock.Waiting > 0 || reading.IsCompleted);
            if (!reading.IsCompleted) Clock.Advance(step);
        }

        return steps;
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var ceiling = new CancellationTokenSource(Ceiling, TimeProvider.System);
        while (!holds())
        {
            ceiling.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async Task SendAsync(HttpContext context, byte[][] blocks)
    {
        context.Response.ContentType = "application/fhir+json";
        for (int i = 0; i < blocks.Length; i++)
        {
            await _next.WaitAsync(context.RequestAborted);
            await context.Response.Body.WriteAsync(blocks[i], context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
