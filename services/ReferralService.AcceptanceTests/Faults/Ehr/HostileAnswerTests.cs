using System.Net;
using System.Net.Sockets;
using System.Text;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Ehr;

/// <summary>What partners say is not written into logs: no text of theirs, no line break, no terminal escape.</summary>
[Parallelizable]
public sealed class HostileAnswerTests
{
    private const string Evil = "\u001b[31mCANARY\u001b]0;CANARY\u0007";

    private static readonly string Outcome =
        """{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"CANARY\r\ninfo: forged","expression":["CANARY\u001b[2J\n"],"diagnostics":"CANARY\r\n\u001b[31mforged","details":{"coding":[{"code":"CANARY\nforged"}],"text":"CANARY"}}]}""";

    [TestCase("500 {evil}", "X-{evil}: {evil}", "application/fhir+json", null)]
    [TestCase("400 Bad", "Location: {evil}", "application/fhir+json", null)]
    [TestCase("429 {evil}", "Retry-After: {evil}", "application/fhir+json", null)]
    [TestCase("302 Found", "Location: http://CANARY.example/{evil}", "text/html", "<html>CANARY</html>")]
    [TestCase("200 OK", "ETag: {evil}", "application/fhir+json", """{"resourceType":"ServiceRequest","id":"CANARY\r\n\u001b[31mforged","status":"CANARY"}""")]
    [TestCase("200 OK", "Content-Language: {evil}", "CANARY/{evil}", """{"resourceType":"CANARY\u001b[31m\r\n"}""")]
    [TestCase("200 OK", "X-a: b", "application/fhir+json", """{"resourceType":"ServiceRequest","id":"o1","meta":{"versionId":"CANARY\r\n\u001b[31m"},"status":"CANARY\r\nforged","intent":"\u001bCANARY","subject":{"reference":"CANARY\r\n/1"}}""")]
    [Fault("S32")]
    public async Task Nothing_of_an_EHRs_answer_is_in_the_log(string status, string header, string type, string? body)
    {
        var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        using var stop = new CancellationTokenSource();
        int answered = 0;
        var serving = ServeAsync(server, Answer(status, header, type, body ?? Outcome), () => Interlocked.Increment(ref answered), stop.Token);
        await using (var service = await ServiceReplica.StartNewAsync(new Dictionary<string, string>
        {
            ["Ehrs:main:BaseUrl"] = $"http://127.0.0.1:{((IPEndPoint)server.LocalEndpoint).Port}/fhir",
            ["Ehrs:main:PollInterval"] = "00:00:01",
            ["Recipients:east:BaseUrl"] = $"http://127.0.0.1:{((IPEndPoint)server.LocalEndpoint).Port}/east",
            ["Logging:LogLevel:Default"] = "Trace",
        }))
        {
            var id = await service.SubmitAsync("ServiceRequest/o1", "east");
            await service.UntilAsync("read", async () => answered > 0 && (await service.Http.GetStringAsync($"/api/referrals/{id}")).Contains("\"error\":{", StringComparison.Ordinal));
            await service.StopAsync();

            Assert.That(service.Output, Does.Contain("ReferralService.").And.Not.Contain("CANARY").And.Not.Contain("forged").And.Not.Contain("\u0007"));
        }

        await stop.CancelAsync();
        server.Stop();
        await serving;
    }

    private static byte[] Answer(string status, string header, string type, string body)
    {
        byte[] content = Encoding.UTF8.GetBytes(body);
        string head = $"HTTP/1.1 {status}\r\n{header}\r\nContent-Type: {type}\r\nContent-Length: {content.Length}\r\nConnection: close\r\n\r\n".Replace("{evil}", Evil, StringComparison.Ordinal);
        return [.. Encoding.Latin1.GetBytes(head), .. content];
    }

    private static async Task ServeAsync(TcpListener server, byte[] answer, Action answered, CancellationToken cancellationToken)
    {
        var open = new List<Task>();
        try
        {
            while (true) open.Add(AnswerAsync(await server.AcceptSocketAsync(cancellationToken), answer, answered, cancellationToken));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(open);
        }
    }

    /// <summary>Of connections that a client opens some never ask.</summary>
    private static async Task AnswerAsync(Socket connection, byte[] answer, Action answered, CancellationToken cancellationToken)
    {
        byte[] request = new byte[16 * 1024];
        using var socket = connection;
        try
        {
            if (await socket.ReceiveAsync(request, cancellationToken) == 0) return;
            await socket.SendAsync(answer, cancellationToken);
            answered();
            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(request, cancellationToken) > 0);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The client went, or the test is over.
        }
    }
}
