using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;

namespace ReferralService.Tests.Fhir;

public sealed class RequestProgressTests : FhirClientFixture
{
    [Test]
    public async Task A_refusal_carries_codes_and_no_text()
    {
        var client = await Client(c =>
        {
            c.Response.StatusCode = 422;
            return Json(c, """{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","diagnostics":"Jane Doe","expression":["Patient.name"]}]}""");
        });

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => client.CreateAsync("Patient", Body("{}"), null, default));

        Assert.That((fault!.Code, fault.Progress, fault.Status), Is.EqualTo((RequestCode.HttpStatus, RequestProgress.Answered, HttpStatusCode.UnprocessableEntity)));
        Assert.That(fault.Issues, Is.EqualTo(new[] { new OutcomeIssue("error", "invalid", "Patient.name", null) }));
        Assert.That(fault.ToString(), Does.Not.Contain("Jane"));
    }

    [TestCase("120", 120)]
    [TestCase("0", 0)]
    [TestCase("Sun, 22 Nov 2026 10:00:30 GMT", 30)]
    [TestCase("Sun, 22 Nov 2026 09:00:00 GMT", 0)]
    [TestCase("1000000000", 365 * 86400)]
    [TestCase("99999999999999999999999", 365 * 86400)]
    [TestCase("-5", null)]
    [TestCase("soon", null)]
    [TestCase("1.5", null)]
    [TestCase("", null)]
    public async Task Retry_After_is_a_delay_or_nothing(string header, int? seconds)
    {
        var client = await Client(c =>
        {
            c.Response.StatusCode = 503;
            c.Response.Headers.RetryAfter = header;
            c.Response.Headers.Date = "Sun, 22 Nov 2026 10:00:00 GMT";
            return Task.CompletedTask;
        });

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => client.TransactionAsync(Body("{}"), default));

        Assert.That(fault!.RetryAfter?.TotalSeconds, Is.EqualTo(seconds));
    }

    [TestCase(301)]
    [TestCase(307)]
    [TestCase(308)]
    public async Task A_redirect_is_told_and_not_followed(int status)
    {
        int requests = 0;
        var client = await Client(c =>
        {
            requests++;
            c.Response.StatusCode = status;
            c.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        });

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => client.TransactionAsync(Body("{}"), default));

        Assert.That((fault!.Code, fault.Progress, requests), Is.EqualTo((RequestCode.Redirect, RequestProgress.Answered, 1)));
    }

    [TestCase("text/html", "{}")]
    [TestCase("application/fhir+xml", "{}")]
    [TestCase("application/fhir+json", "<html>log in</html>")]
    [TestCase("application/fhir+json", "")]
    public async Task A_login_page_is_not_FHIR(string type, string body)
    {
        var client = await Client(c =>
        {
            c.Response.ContentType = type;
            return c.Response.WriteAsync(body);
        });

        var read = Assert.ThrowsAsync<FhirRequestException>(() => client.ReadAsync("Patient", "1", default));
        var search = Assert.ThrowsAsync<FhirRequestException>(() => client.SearchAsync("Patient", "", Ignore, default));

        Assert.That((read!.Code, search!.Code), Is.EqualTo((RequestCode.NotFhir, RequestCode.NotFhir)));
    }

    [Test]
    public async Task What_decompresses_past_the_bound_is_refused()
    {
        var client = await Client(async c =>
        {
            c.Response.Headers.ContentEncoding = "gzip";
            await using var zip = new System.IO.Compression.GZipStream(c.Response.Body, System.IO.Compression.CompressionLevel.Fastest);
            await zip.WriteAsync(Encoding.UTF8.GetBytes($"{{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"x\":\"{new string('a', 3_000_000)}\"}}"));
        }, new FhirClientOptions { MaxBodyBytes = 1_000_000 });

        Assert.That(Assert.ThrowsAsync<FhirRequestException>(() => client.ReadAsync("Patient", "1", default))!.Code, Is.EqualTo(RequestCode.TooLarge));
        Assert.That(Assert.ThrowsAsync<FhirRequestException>(() => client.SearchAsync("Patient", "", Ignore, default))!.Code, Is.EqualTo(RequestCode.TooLarge));
    }

    [Test]
    public void A_refused_connection_proves_that_nothing_was_sent()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var client = new FhirClient(Http, new Uri($"http://{taken.LocalEndPoint}/fhir"), new FhirClientOptions(), Clock);

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => client.TransactionAsync(Body("{}"), default));

        Assert.That((fault!.Code, fault.Progress, fault.Status), Is.EqualTo((RequestCode.Unreachable, RequestProgress.NotSent, (HttpStatusCode?)null)));
    }

    [Test]
    public void A_name_that_does_not_resolve_proves_that_nothing_was_sent()
    {
        var client = new FhirClient(Http, new Uri("http://nowhere.invalid/fhir"), new FhirClientOptions(), Clock);

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => client.TransactionAsync(Body("{}"), default));

        Assert.That((fault!.Code, fault.Progress), Is.EqualTo((RequestCode.Unreachable, RequestProgress.NotSent)));
    }

    [Test]
    public async Task A_failed_TLS_handshake_proves_that_nothing_was_sent()
    {
        var plain = await Client(c => Json(c, Empty));
        var client = new FhirClient(Http, new Uri(plain.Base.Replace("http:", "https:")), new FhirClientOptions(), Clock);

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => client.TransactionAsync(Body("{}"), default));

        Assert.That((fault!.Code, fault.Progress), Is.EqualTo((RequestCode.Tls, RequestProgress.NotSent)));
    }

    [Test]
    public void A_connection_that_is_not_answered_in_time_proves_that_nothing_was_sent()
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(50),
            ConnectCallback = async (_, cancellationToken) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                return Stream.Null;
            },
        }) { Timeout = Timeout.InfiniteTimeSpan };
        var client = new FhirClient(http, new Uri("http://127.0.0.1:9/fhir"), new FhirClientOptions(), Clock);

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => client.TransactionAsync(Body("{}"), default));

        Assert.That((fault!.Code, fault.Progress), Is.EqualTo((RequestCode.Unreachable, RequestProgress.NotSent)));
    }

    [Test]
    public void A_second_connection_that_fails_proves_nothing_of_the_first()
    {
        using var http = new HttpClient(new RepeatingHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        var client = new FhirClient(http, new Uri("http://127.0.0.1:9/fhir"), new FhirClientOptions(), Clock);

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => client.TransactionAsync(Body("{}"), default));

        Assert.That(fault!.Progress, Is.EqualTo(RequestProgress.MaybeSent));
    }

    [TestCase("\"requests\";r=59990;t=60, \"fhirInteractions\";r=0;t=42", 42)]
    [TestCase("\"requests\";r=1;t=60", null)]
    [TestCase("r=0;t=soon", null)]
    public async Task A_429_without_Retry_After_tells_by_its_RateLimit(string header, int? seconds)
    {
        var client = await Client(c =>
        {
            c.Response.StatusCode = 429;
            c.Response.Headers["RateLimit"] = header;
            return Task.CompletedTask;
        });

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => client.ReadAsync("Patient", "1", default));

        Assert.That(fault!.RetryAfter?.TotalSeconds, Is.EqualTo(seconds));
    }

    [Test]
    public async Task A_connection_cut_after_the_request_may_have_had_its_effect()
    {
        var client = await Client(async c =>
        {
            await c.Request.Body.CopyToAsync(Stream.Null);
            c.Abort();
        });

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => client.TransactionAsync(Body("{}"), default));

        Assert.That((fault!.Code, fault.Progress, fault.Status), Is.EqualTo((RequestCode.Reset, RequestProgress.MaybeSent, (HttpStatusCode?)null)));
    }

    [Test]
    public async Task A_connection_cut_after_a_read_was_asked_for_is_no_failure_to_connect()
    {
        var client = await Client(c =>
        {
            c.Abort();
            return Task.CompletedTask;
        });

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => client.ReadAsync("Patient", "1", default));

        Assert.That((fault!.Code, fault.Progress), Is.EqualTo((RequestCode.Reset, RequestProgress.MaybeSent)));
    }

    [Test]
    public async Task A_connection_cut_inside_the_upload_may_have_had_its_effect()
    {
        var client = await Client(async c =>
        {
            await c.Request.Body.ReadExactlyAsync(new byte[1000]);
            c.Abort();
        });

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => client.TransactionAsync(new ByteArrayContent(new byte[50_000_000]), default));

        Assert.That((fault!.Code, fault.Progress), Is.EqualTo((RequestCode.Reset, RequestProgress.MaybeSent)));
    }

    [Test]
    public async Task A_refusal_that_comes_during_the_upload_is_heard()
    {
        var client = await Client(async c =>
        {
            await c.Request.Body.ReadExactlyAsync(new byte[1000]);
            c.Response.StatusCode = 413;
        });

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => client.TransactionAsync(new ByteArrayContent(new byte[50_000_000]), default));

        Assert.That((fault!.Code, fault.Progress, fault.Status), Is.EqualTo((RequestCode.HttpStatus, RequestProgress.Answered, HttpStatusCode.RequestEntityTooLarge)));
    }

    [Test]
    public async Task An_answer_cut_short_tells_its_status_and_no_more()
    {
        var client = await Client(async c =>
        {
            c.Response.StatusCode = 201;
            c.Response.ContentLength = 1000;
            // Kestrel closes the connection when a body ends before its length.
            await c.Response.WriteAsync("{\"resourceType\":");
        });

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => client.TransactionAsync(Body("{}"), default));

        Assert.That((fault!.Code, fault.Progress, fault.Status), Is.EqualTo((RequestCode.Reset, RequestProgress.MaybeSent, HttpStatusCode.Created)));
    }

    [Test]
    public async Task Whoever_cancels_is_not_told_of_a_failure()
    {
        using var stop = new CancellationTokenSource();
        var client = await Client(async c =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, c.RequestAborted);
        });

        var thrown = Assert.CatchAsync<OperationCanceledException>(() => client.TransactionAsync(Body("{}"), stop.Token));

        Assert.That(thrown!.CancellationToken, Is.EqualTo(stop.Token));
    }

    /// <summary>Sends the body somewhere, then fails as a handler does whose second connection is refused.</summary>
    private sealed class RepeatingHandler : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await request.Content!.CopyToAsync(new MemoryStream(), cancellationToken);
            throw new HttpRequestException(HttpRequestError.ConnectionError);
        }
    }
}
