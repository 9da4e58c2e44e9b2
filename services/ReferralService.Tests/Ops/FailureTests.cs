using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ReferralService.Ledger;

namespace ReferralService.Tests.Ops;

/// <summary>What no endpoint expected: told by a code, without the exception's text, in the form of the address.</summary>
[TestFixture]
internal sealed class FailureTests
{
    [Test]
    public async Task An_error_of_ours_is_told_without_its_text()
    {
        await using var host = await StartAsync("/api/boom", _ => throw new InvalidOperationException("canary-secret"));

        var (status, body) = await host.Http.ReadAsync("/api/boom");

        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.InternalServerError));
            Assert.That(body.Text("code"), Is.EqualTo("internal-error"));
            Assert.That(body.GetRawText(), Does.Not.Contain("canary"));
        });
    }

    [Test]
    public async Task On_fhir_it_is_an_OperationOutcome()
    {
        await using var host = await StartAsync("/fhir/boom", _ => throw new InvalidOperationException("canary-secret"));

        var (_, body) = await host.Http.ReadAsync("/fhir/boom");

        Assert.Multiple(() =>
        {
            Assert.That(body.Text("resourceType"), Is.EqualTo("OperationOutcome"));
            Assert.That(body.GetProperty("issue")[0].Text("code"), Is.EqualTo("exception"));
            Assert.That(body.GetRawText(), Does.Not.Contain("canary"));
        });
    }

    [Test]
    public async Task While_the_ledger_is_away_the_caller_is_told_when_to_come_again()
    {
        await using var host = await StartAsync("/api/boom", _ => throw new LedgerUnavailableException("ledger-busy", new IOException()));

        using var response = await host.Http.GetAsync(new Uri("/api/boom", UriKind.Relative));

        Assert.That((response.StatusCode, response.Headers.RetryAfter?.Delta), Is.EqualTo((HttpStatusCode.ServiceUnavailable, (TimeSpan?)TimeSpan.FromSeconds(5))));
    }

    [Test]
    public async Task An_answer_that_breaks_off_is_not_taken_for_a_whole_one()
    {
        await using var host = await StartAsync("/api/boom", async context =>
        {
            await context.Response.WriteAsync("{\"half\":");
            await context.Response.Body.FlushAsync();
            throw new InvalidOperationException();
        });

        Assert.That(async () => await host.Http.GetStringAsync(new Uri("/api/boom", UriKind.Relative)), Throws.InstanceOf<HttpRequestException>());
    }

    private static Task<OpsHost> StartAsync(string path, RequestDelegate answer) => OpsHost.StartAsync(extend: app => app.MapGet(path, answer));
}
