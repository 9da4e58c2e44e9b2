using System.Net;
using Microsoft.AspNetCore.Http;
using ReferralService.Fhir.Errors;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Fhir;

public sealed class IdleTimeTests : FhirClientFixture
{
    [Test]
    public async Task A_refusal_whose_body_never_ends_is_still_that_refusal()
    {
        var client = await Client(async c =>
        {
            c.Response.StatusCode = 400;
            byte[] block = new byte[32 * 1024];
            for (int i = 0; i < 8; i++) await c.Response.Body.WriteAsync(block, c.RequestAborted);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, c.RequestAborted);
        });

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => client.TransactionAsync(Body("{}"), default));

        Assert.That((fault!.Code, fault.Status, fault.Issues.Count), Is.EqualTo((RequestCode.HttpStatus, HttpStatusCode.BadRequest, 0)));
    }

    [Test]
    public async Task A_server_that_says_nothing_for_the_idle_time_may_have_acted()
    {
        var arrived = new TaskCompletionSource();
        var client = await Client(async c =>
        {
            await c.Request.Body.CopyToAsync(Stream.Null);
            arrived.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, c.RequestAborted);
        });

        var sending = client.TransactionAsync(Body("{}"), default);
        await arrived.Task.WaitAsync(Ceiling);
        Clock.Advance(TimeSpan.FromSeconds(30));

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => sending.WaitAsync(Ceiling));
        Assert.That((fault!.Code, fault.Progress), Is.EqualTo((RequestCode.Timeout, RequestProgress.MaybeSent)));
    }

    [Test]
    public async Task An_answer_that_stalls_in_its_body_times_out_and_one_that_moves_does_not()
    {
        var next = new SemaphoreSlim(0);
        var client = await Client(async c =>
        {
            c.Response.ContentType = "application/fhir+json";
            foreach (string part in new[] { "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"entry\":[{\"resource\":{\"resourceType\":\"Basic\",\"id\":\"1\"}}",
                         ",{\"resource\":{\"resourceType\":\"Basic\",\"id\":\"2\"}}", ",{\"resource\":{\"resourceType\":\"Basic\",\"id\":\"3\"}}" })
            {
                await c.Response.WriteAsync(part);
                await c.Response.Body.FlushAsync();
                await next.WaitAsync(c.RequestAborted);
            }
        });
        var got = new SemaphoreSlim(0);
        var reading = client.SearchAsync("Basic", "", (_, _) =>
        {
            // The time of whoever takes the entries is not the server's.
            Clock.Advance(TimeSpan.FromMinutes(5));
            got.Release();
            return ValueTask.CompletedTask;
        }, default);

        for (int i = 0; i < 3; i++)
        {
            Assert.That(await got.WaitAsync(Ceiling));
            await Waiting();
            Clock.Advance(TimeSpan.FromSeconds(29));
            if (i < 2) next.Release();
        }

        Assert.That(reading.IsCompleted, Is.False);
        Clock.Advance(TimeSpan.FromSeconds(1));
        var fault = Assert.ThrowsAsync<FhirRequestException>(() => reading.WaitAsync(Ceiling));
        Assert.That((fault!.Code, fault.Progress, fault.Status), Is.EqualTo((RequestCode.Timeout, RequestProgress.MaybeSent, HttpStatusCode.OK)));
    }

    [Test]
    public async Task A_slow_upload_lives_as_long_as_it_moves()
    {
        // The whole takes far longer than the idle time; what lies in the sockets' buffers, unseen by the sender, does not.
        var client = await Client(async c =>
        {
            byte[] block = new byte[256 * 1024];
            long read = 0;
            for (int count; (count = await c.Request.Body.ReadAsync(block, c.RequestAborted)) > 0;)
            {
                if (read / 1_000_000 != (read + count) / 1_000_000) Clock.Advance(TimeSpan.FromSeconds(1));
                read += count;
            }

            c.Response.StatusCode = read == 100_000_000 ? 200 : 500;
        });

        var answer = await client.TransactionAsync(new ByteArrayContent(new byte[100_000_000]), default);

        Assert.That(answer.Status, Is.EqualTo(200));
        Assert.That(Clock.GetUtcNow() - new ManualTimeProvider().GetUtcNow(), Is.EqualTo(TimeSpan.FromSeconds(100)));
    }

    [Test]
    public async Task An_upload_that_stops_moving_times_out()
    {
        var arrived = new TaskCompletionSource();
        var client = await Client(async c =>
        {
            await c.Request.Body.ReadExactlyAsync(new byte[1000]);
            arrived.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, c.RequestAborted);
        });

        var sending = client.TransactionAsync(new ByteArrayContent(new byte[100_000_000]), default);
        await arrived.Task.WaitAsync(Ceiling);
        while (!sending.IsCompleted)
        {
            // Blocks may still be on their way into the sockets' buffers: each of them starts the time anew.
            Clock.Advance(TimeSpan.FromSeconds(30));
            await Task.Yield();
        }

        Assert.That(Assert.ThrowsAsync<FhirRequestException>(() => sending)!.Code, Is.EqualTo(RequestCode.Timeout));
    }

    /// <summary>Until the client waits for the server, and not for us.</summary>
    private async Task Waiting()
    {
        using var ceiling = new CancellationTokenSource(Ceiling, TimeProvider.System);
        while (Clock.Waiting == 0)
        {
            ceiling.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
