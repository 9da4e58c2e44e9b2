using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;

namespace ReferralService.Tests.Fhir;

public sealed class FhirClientTests : FhirClientFixture
{
    [Test]
    public async Task A_read_gives_the_bytes_the_server_sent()
    {
        string? asked = null, accept = null;
        var client = await Client(c =>
        {
            (asked, accept) = (RawTarget(c), c.Request.Headers.Accept);
            return Json(c, Sample.Odd);
        });

        var resource = await client.ReadAsync("Observation", "afp-1", default);

        Assert.That(Sample.Text(resource.Utf8), Is.EqualTo(Sample.Odd.Trim()));
        Assert.That((asked, accept), Is.EqualTo(("/fhir/Observation/afp-1", "application/fhir+json")));
    }

    [Test]
    public async Task A_read_answered_with_another_resource_is_refused()
    {
        var client = await Client(c => Json(c, """{"resourceType":"Patient","id":"2"}"""));

        Assert.That(Assert.ThrowsAsync<FhirFormatException>(() => client.ReadAsync("Patient", "1", default))!.Code, Is.EqualTo(FormatCode.WrongType));
    }

    [TestCase("a_b")]
    [TestCase("_~.-")]
    [TestCase("ends.with.dots...")]
    [TestCase("0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789")]
    public async Task An_id_beyond_R4s_rule_is_asked_for_as_it_is_written(string id)
    {
        string? asked = null;
        var client = await Client(c =>
        {
            asked = RawTarget(c);
            return Json(c, $$"""{"resourceType":"Patient","id":"{{id}}"}""");
        });

        await client.ReadAsync("Patient", id, default);

        Assert.That(asked, Is.EqualTo($"/fhir/Patient/{id}"));
    }

    [TestCase("../Patient")]
    [TestCase("a/b")]
    [TestCase("")]
    [TestCase(".")]
    [TestCase("..")]
    [TestCase("_history")]
    [TestCase("_search")]
    [TestCase("%2e%2e")]
    [TestCase("a?b")]
    [TestCase("a b")]
    public async Task An_id_that_is_none_never_becomes_a_URL(string id)
    {
        var client = await Client(c => Json(c, Empty));

        Assert.ThrowsAsync<ArgumentException>(() => client.ReadAsync("Patient", id, default));
    }

    [Test]
    public async Task Capabilities_come_from_metadata()
    {
        var client = await Client(c => Json(c, RawTarget(c) == "/fhir/metadata" ? """{"resourceType":"CapabilityStatement","fhirVersion":"4.0.1"}""" : "{}"));

        Assert.That((await client.CapabilitiesAsync(default)).FhirVersion, Is.EqualTo("4.0.1"));
    }

    [Test]
    public async Task A_write_gives_status_location_and_version()
    {
        string? ifMatch = null, type = null, target = null;
        var client = await Client(async c =>
        {
            (ifMatch, type, target) = (c.Request.Headers.IfMatch, c.Request.ContentType, $"{c.Request.Method} {RawTarget(c)}");
            c.Response.StatusCode = 201;
            c.Response.Headers.Location = "Patient/1/_history/2";
            c.Response.Headers.ETag = "W/\"2\"";
            await Json(c, "{\"a\":1}");
        });

        var answer = await client.UpdateAsync("Patient", "1", Body("{}"), "W/\"1\"", default);

        Assert.That((ifMatch, type, target), Is.EqualTo(("W/\"1\"", "application/fhir+json", "PUT /fhir/Patient/1")));
        Assert.That((answer.Status, answer.Location, answer.ETag, Sample.Text(answer.Body), answer.ContentType),
            Is.EqualTo((201, "Patient/1/_history/2", "W/\"2\"", "{\"a\":1}", "application/fhir+json")));
    }

    [Test]
    public async Task A_conditional_create_says_so()
    {
        string? condition = null;
        var client = await Client(c =>
        {
            condition = c.Request.Headers["If-None-Exist"];
            c.Response.StatusCode = 204;
            return Task.CompletedTask;
        });

        var answer = await client.CreateAsync("Task", Body("{}"), "identifier=urn:x|1", default);

        Assert.That((condition, answer.Status, answer.Body.Length), Is.EqualTo(("identifier=urn:x|1", 204, 0)));
        Assert.ThrowsAsync<ArgumentException>(() => client.CreateAsync("Task", Body("{}"), "a\r\nX: y", default));
    }

    [Test]
    public async Task A_download_is_streamed_with_its_type()
    {
        var client = await Client(c =>
        {
            c.Response.ContentType = "application/pdf";
            return c.Response.WriteAsync("%PDF");
        });
        var destination = new MemoryStream();

        string? type = await client.DownloadAsync(new Uri($"{client.Base}/Binary/1"), "*/*", destination, default);

        Assert.That((type, Encoding.ASCII.GetString(destination.ToArray())), Is.EqualTo(("application/pdf", "%PDF")));
        Assert.That(Assert.ThrowsAsync<FhirRequestException>(() => client.DownloadAsync(new Uri("http://other.example/x"), "*/*", destination, default))!.Code,
            Is.EqualTo(RequestCode.ForeignOrigin));
    }

    [Test]
    public async Task A_security_context_that_is_told_twice_is_all_of_it()
    {
        var client = await Client(c =>
        {
            c.Response.Headers.Append("X-Security-Context", "Patient/1");
            c.Response.Headers.Append("X-Security-Context", "Patient/2");
            return c.Response.WriteAsync("%PDF");
        });

        var answer = await client.ReadFileAsync($"{client.Base}/Binary/1", new FileQuestion("*/*", 1000), keep: null, default);

        Assert.That(answer!.SecurityContext, Does.Contain("Patient/1").And.Contain("Patient/2"));
        Assert.That(Encoding.ASCII.GetString(answer.Binary.Utf8.Span), Does.Contain("\"securityContext\":{\"reference\":\"Patient/1"));
    }

    [TestCase("%PDF", "JVBERg==")]
    [TestCase("%PD", "JVBE")]
    [TestCase("%PDF-", "JVBERi0=")]
    public async Task A_file_comes_as_a_Binary_with_its_type_and_digest(string file, string base64)
    {
        var client = await Client(c =>
        {
            c.Response.ContentType = "application/pdf";
            return c.Response.WriteAsync(file);
        });

        var answer = await client.ReadFileAsync($"{client.Base}/Binary/1", new FileQuestion("*/*", 1000) { Id = "1" }, keep: null, default);

        Assert.That(Encoding.ASCII.GetString(answer!.Binary.Utf8.Span), Is.EqualTo($$"""{"resourceType":"Binary","id":"1","contentType":"application/pdf","data":"{{base64}}"}"""));
        Assert.That((answer.Digest.Length, Convert.ToHexString(answer.Digest.Sha256.Span)), Is.EqualTo((file.Length, Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(file))))));
        Assert.That(Assert.ThrowsAsync<FhirRequestException>(() => client.ReadFileAsync("http://other.example/x", new FileQuestion("*/*", 1000), null, default))!.Code,
            Is.EqualTo(RequestCode.ForeignOrigin));
    }

    [Test]
    public async Task A_file_that_comes_in_crumbs_is_the_same_file()
    {
        byte[] file = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))];
        var client = await Client(async c =>
        {
            for (int at = 0; at < file.Length; at += 997)
            {
                await c.Response.Body.WriteAsync(file.AsMemory(at, Math.Min(997, file.Length - at)));
                await c.Response.Body.FlushAsync();
            }
        });
        var kept = new MemoryStream();

        var answer = await client.ReadFileAsync(client.Base, new FileQuestion("*/*", file.Length), bytes =>
        {
            kept.Write(bytes);
            return kept.Length - bytes.Length;
        }, default);

        var whole = new List<byte>();
        int from = 0;
        foreach (var cut in answer!.Binary.Cuts)
        {
            whole.AddRange(answer.Binary.Utf8.Span[from..cut.At]);
            whole.AddRange(kept.ToArray().AsSpan((int)cut.Kept, cut.Length));
            from = cut.At;
        }

        whole.AddRange(answer.Binary.Utf8.Span[from..]);
        Assert.That(Encoding.ASCII.GetString([.. whole]), Is.EqualTo($$"""{"resourceType":"Binary","contentType":"application/octet-stream","data":"{{Convert.ToBase64String(file)}}"}"""));
    }

    [Test]
    public async Task What_may_not_be_there_is_found_or_is_null()
    {
        int requests = 0;
        var client = await Client(c =>
        {
            requests++;
            if (RawTarget(c).EndsWith("/p1", StringComparison.Ordinal)) return Json(c, """{"resourceType":"Patient","id":"p1"}""");
            c.Response.StatusCode = 404;
            return c.Response.WriteAsync("<html>not here</html>");
        });

        Assert.That((await client.FindAsync("Patient", "p1", default))!.Id, Is.EqualTo("p1"));
        Assert.That(await client.FindAsync("Patient", "p2", default), Is.Null);
        Assert.That(requests, Is.EqualTo(2));
    }

    [Test]
    public async Task A_404_is_an_answer_however_long_its_page_is()
    {
        var client = await Client(c =>
        {
            c.Response.StatusCode = 404;
            return c.Response.WriteAsync(new string('x', 1_000_000));
        });

        Assert.That(await client.FindAsync("Patient", "p2", default), Is.Null);
    }

    [Test]
    public async Task Another_resource_than_the_one_looked_for_is_not_it()
    {
        var client = await Client(c => Json(c, """{"resourceType":"Patient","id":"p1"}"""));

        Assert.That(Assert.ThrowsAsync<FhirFormatException>(() => client.FindAsync("Patient", "p2", default))!.Code, Is.EqualTo(FormatCode.WrongType));
    }

    [TestCase(410)]
    [TestCase(403)]
    [TestCase(503)]
    public async Task Only_404_says_that_it_is_not_there(int status)
    {
        var client = await Client(c =>
        {
            c.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        Assert.That((int?)Assert.ThrowsAsync<FhirRequestException>(() => client.FindAsync("Patient", "p2", default))!.Status, Is.EqualTo(status));
    }
}
