using System.Net;
using ReferralService.Ledger;

namespace ReferralService.Tests.Ops;

/// <summary>The forms of dead letters, as far as no broker is needed to see what they record.</summary>
internal sealed class DeadLetterFormTests
{
    private const string Key = "0123456789abcdef0123456789abcdef";

    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>A broker that is not there: port 1 of this machine.</summary>
    private static readonly BusOptions Away = new() { Transport = BusTransport.RabbitMq, RabbitMq = new Uri("amqp://guest:guest@127.0.0.1:1/") };

    [TestCase("re-ingest")]
    [TestCase("delete")]
    [TestCase("reveal")]
    public async Task Without_a_broker_nothing_is_done_and_nothing_recorded_as_done(string act)
    {
        await using var host = await OpsHost.StartAsync();

        using var answer = await PostAsync(host, act, ("key", Key), ("confirm", "delete"), ("reason", "delivery-problem"));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("There is no broker"));
        Assert.That(await host.Ledger.Actions.ListAsync(new(), None), Is.Empty);
    }

    [Test]
    public async Task With_a_letter_no_reason_is_recorded_whatever_was_sent()
    {
        await using var host = await OpsHost.StartAsync(bus: Away);

        using var answer = await PostAsync(host, "re-ingest", ("key", Key), ("reason", "Peter Chalmers"));

        Assert.That((await host.Ledger.Actions.ListAsync(new(), None)).Select(act => (act.Action, act.Reason)), Is.EqualTo(new[] { (OperatorActs.Reingest, (string?)null) }));
    }

    [TestCase("re-ingest")]
    [TestCase("delete")]
    [TestCase("reveal")]
    public async Task The_record_says_which_letter_it_was(string act)
    {
        await using var host = await OpsHost.StartAsync(bus: Away);

        using var answer = await PostAsync(host, act, ("key", Key), ("confirm", "delete"), ("reason", "delivery-problem"));

        Assert.That((await host.Ledger.Actions.ListAsync(new(), None)).Select(one => one.Partner), Is.EqualTo(new[] { "referral.commands.rejected/0123456789abcdef" }));
    }

    [TestCase("re-ingest")]
    [TestCase("delete")]
    [TestCase("reveal")]
    public async Task What_is_no_letters_digest_is_not_recorded(string act)
    {
        await using var host = await OpsHost.StartAsync(bus: Away);

        using var answer = await PostAsync(host, act, ("key", "Peter Chalmers"), ("confirm", "delete"), ("reason", "delivery-problem"));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await host.Ledger.Actions.ListAsync(new(), None), Is.Empty);
    }

    private static async Task<HttpResponseMessage> PostAsync(OpsHost host, string act, params (string Name, string Value)[] fields)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = host.Http.BaseAddress };
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await http.PostAsync(new Uri($"/dead-letters/{act}", UriKind.Relative), form);
    }
}
