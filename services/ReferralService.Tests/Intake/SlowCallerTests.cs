using System.Net;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Intake;

/// <summary>Callers that send a request a byte at a time, or never the rest of it: cut off, and in nobody's way.</summary>
[CancelAfter(60_000)]
[Parallelizable]
public sealed class SlowCallerTests
{
    private const int Hanging = 100;

    private IntakeHost _host = null!;
    private Uri _server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await IntakeHost.StartAsync(("Intake:HeadersTimeout", "00:00:01"), ("Intake:SlowBodyGrace", "00:00:02"), ("Intake:MinBodyBytesPerSecond", "100"));
        _server = _host.Client.BaseAddress!;
    }

    [OneTimeTearDown]
    public async Task End() => await _host.DisposeAsync();

    [Fault("S17")]
    [Test]
    public async Task Headers_that_do_not_end_are_answered_408_and_the_connection_is_closed()
        => Assert.That(await RawConnection.ExchangeAsync(_server, "POST /fhir/notify/main HTTP/1.1\r\nHost: localhost\r\nX-A: "), Does.StartWith("HTTP/1.1 408 "));

    [Fault("S17")]
    [TestCase("Content-Length: 1000\r\n\r\n{", TestName = "A body of a known length that stops is answered 408 and stored nowhere")]
    [TestCase("Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", TestName = "A body in chunks that stops is answered 408 and stored nowhere")]
    public async Task A_body_that_stops(string rest)
    {
        var answer = await RawConnection.ExchangeAsync(
            _server, $"POST /fhir/notify/main HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {IntakeHost.Secret}\r\nContent-Type: application/json\r\n{rest}");

        Assert.That(answer, Does.StartWith("HTTP/1.1 408 ").And.Contain("\"code\":\"timeout\""));
        Assert.That(await _host.TakeHintsAsync(), Is.EqualTo((Array.Empty<string>(), false)));
    }

    [Fault("S17")]
    [Test]
    public async Task A_hundred_that_hang_keep_nobody_waiting()
    {
        var hanging = new List<RawConnection>();
        for (int i = 0; i < Hanging; i++)
        {
            hanging.Add(await RawConnection.OpenAsync(_server));
            await hanging[^1].SendAsync("POST /api/referrals HTTP/1.1\r\n");
        }

        using var answer = await _host.ApiAsync(HttpMethod.Post, "/api/referrals", """{"ehr":"main","serviceRequest":"1"}""");
        var ends = await Task.WhenAll(hanging.Select(h => h.ReadToEndAsync()));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(ends, Is.All.StartsWith("HTTP/1.1 408 "));
        foreach (var connection in hanging) await connection.DisposeAsync();
    }
}
