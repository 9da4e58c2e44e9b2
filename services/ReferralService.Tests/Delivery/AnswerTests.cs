using ReferralService.Delivery;
using ReferralService.Ledger;
using ReferralService.RecipientDirectory;
using ReferralService.Sandbox.Consultant;

namespace ReferralService.Tests.Delivery;

/// <summary>What an answer means.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class AnswerTests
{
    [TestCase(DeliveryRoute.PostBundle, 400, "invalid", "refused", true, null)]
    [TestCase(DeliveryRoute.PostBundle, 422, "invariant", "refused", true, null)]
    [TestCase(DeliveryRoute.PutBundle, 400, "structure", "refused", true, null)]
    [TestCase(DeliveryRoute.PutBundle, 422, "business-rule", "refused", true, null)]
    [TestCase(DeliveryRoute.PutBundle, 400, "not-supported", "recipient-incapable", false, "if-none-match=refused")]
    [TestCase(DeliveryRoute.PostBundle, 422, "not-supported", "recipient-incapable", false, "post-bundle=refused")]
    [TestCase(DeliveryRoute.Transaction, 400, "not-supported", "recipient-incapable", false, null)]
    [TestCase(DeliveryRoute.PostBundle, 400, "too-long", "too-large", false, null)]
    [TestCase(DeliveryRoute.PutBundle, 401, "login", "auth-refused", false, null)]
    [TestCase(DeliveryRoute.PostBundle, 403, "forbidden", "auth-refused", false, null)]
    [TestCase(DeliveryRoute.PutBundle, 404, "not-found", "endpoint-wrong", false, "put-bundle=refused")]
    [TestCase(DeliveryRoute.PutBundle, 405, "not-supported", "endpoint-wrong", false, "put-bundle=refused")]
    [TestCase(DeliveryRoute.PostBundle, 404, "not-found", "endpoint-wrong", false, null)]
    [TestCase(DeliveryRoute.PostBundle, 405, "not-supported", "endpoint-wrong", false, null)]
    [TestCase(DeliveryRoute.Transaction, 405, "not-supported", "endpoint-wrong", false, null)]
    [TestCase(DeliveryRoute.PutBundle, 410, "deleted", "endpoint-wrong", false, null)]
    [TestCase(DeliveryRoute.PostBundle, 413, "too-long", "too-large", false, null)]
    [TestCase(DeliveryRoute.PostBundle, 406, "not-supported", "recipient-incapable", false, null)]
    [TestCase(DeliveryRoute.PostBundle, 415, "not-supported", "recipient-incapable", false, null)]
    [TestCase(DeliveryRoute.PostBundle, 501, "not-supported", "recipient-incapable", false, "post-bundle=refused")]
    [TestCase(DeliveryRoute.PostBundle, 301, "processing", "endpoint-wrong", false, null)]
    [TestCase(DeliveryRoute.PostBundle, 307, "processing", "endpoint-wrong", false, null)]
    [TestCase(DeliveryRoute.PostBundle, 451, "suppressed", "refused", false, null)]
    public async Task A_refusal_is_definite_and_has_its_code(DeliveryRoute route, int status, string issue, string code, bool fails, string? learned)
    {
        await using var recipient = await ScriptedRecipient.StartAsync(
            http => ScriptedRecipient.AnswerAsync(http, status, ScriptedRecipient.Outcome(issue), location: "http://127.0.0.1:9/elsewhere"));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        var outcome = await bench.SendAsync(route);

        var refused = outcome as DeliveryOutcome.Refused;
        Assert.That(refused, Is.Not.Null, outcome.ToString());
        Assert.That((refused!.Code, refused.Status, refused.Fails, refused.Learned), Is.EqualTo((code, (int?)status, fails, learned)));
        Assert.That(refused.IssueCodes, Is.EqualTo(new[] { issue }));
        Assert.That(recipient.Requests, Is.EqualTo(1));
    }

    [Test]
    public async Task An_element_that_is_blamed_makes_even_not_supported_a_refusal_of_the_content()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(
            http => ScriptedRecipient.AnswerAsync(http, 400, ScriptedRecipient.Outcome("not-supported", expression: "Bundle.entry[0].resource")));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        var outcome = await bench.SendAsync(DeliveryRoute.PutBundle);

        Assert.That(outcome, Is.InstanceOf<DeliveryOutcome.Refused>());
        Assert.That(((DeliveryOutcome.Refused)outcome).Fails, Is.True);
    }

    [Test]
    public async Task A_word_of_the_recipients_own_is_never_kept_as_a_code()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 422, ScriptedRecipient.Outcome("MarkerCanary")));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        var outcome = await bench.SendAsync(DeliveryRoute.PostBundle);

        Assert.That(((DeliveryOutcome.Refused)outcome).IssueCodes, Is.EqualTo(new[] { "other" }));
        Assert.That(outcome.ToString(), Does.Not.Contain("Marker"));
    }

    [TestCase(200, "<html>sign in</html>")]
    [TestCase(200, "{\"resourceType\":\"Bund")]
    [TestCase(206, null)]
    public async Task A_success_that_cannot_be_read_is_unknown(int status, string? body)
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, status, body));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        var outcome = await bench.SendAsync(DeliveryRoute.PostBundle);

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Unknown("outcome-unknown", status)));
        Assert.That(recipient.Requests, Is.EqualTo(1));
    }

    [Test]
    public async Task What_is_taken_to_be_done_later_is_no_success_also_where_it_is_not_said_where_to_ask()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 202, null));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(await bench.SendAsync(DeliveryRoute.PostBundle), Is.EqualTo(new DeliveryOutcome.Working("", null)));
        Assert.That(recipient.Requests, Is.EqualTo(1));
    }

    [TestCase("error", typeof(DeliveryOutcome.Unknown))]
    [TestCase("fatal", typeof(DeliveryOutcome.Unknown))]
    [TestCase("warning", typeof(DeliveryOutcome.Delivered))]
    [TestCase("information", typeof(DeliveryOutcome.Delivered))]
    public async Task A_success_with_an_error_in_it_is_none(string severity, Type expected)
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 201, ScriptedRecipient.Outcome("processing", severity)));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(await bench.SendAsync(DeliveryRoute.PostBundle), Is.InstanceOf(expected));
    }

    [TestCase("http://127.0.0.1/fhir/Bundle/77/_history/1?token=x", "Bundle/77")]
    [TestCase("Bundle/77", "Bundle/77")]
    [TestCase("/fhir/Bundle/77", "Bundle/77")]
    [TestCase("http://127.0.0.1/somewhere/else", null)]
    [TestCase(null, null)]
    public async Task Of_a_Location_type_and_id_are_kept(string? location, string? kept)
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 201, location: location));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(await bench.SendAsync(DeliveryRoute.PostBundle), Is.EqualTo(new DeliveryOutcome.Delivered(201, kept, null)));
    }

    [Test]
    public async Task A_recipient_that_sends_the_package_back_has_it()
    {
        var echo = $$"""{"resourceType":"Bundle","type":"collection","link":[{"relation":"x","url":"{{new string('x', 2 << 20)}}"}]}""";
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 201, echo));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(await bench.SendAsync(DeliveryRoute.PostBundle), Is.EqualTo(new DeliveryOutcome.Delivered(201, null, null)));
    }

    [Test]
    public async Task A_transaction_asks_for_the_answer_that_proves_it()
    {
        // Seen at a real server: "return=minimal" leaves a transaction's answer without a body.
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(
            http, 200, http.Request.Headers["Prefer"].ToString().Contains("minimal", StringComparison.Ordinal)
                ? null
                : """{"resourceType":"Bundle","type":"transaction-response","entry":[{"response":{"status":"201","location":"ServiceRequest/1"}},{"response":{"status":"201","location":"Task/2"}}]}"""));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(await bench.SendAsync(DeliveryRoute.Transaction), Is.EqualTo(new DeliveryOutcome.Delivered(200, "Task/2", null)));
    }

    [Test]
    public async Task A_transaction_is_delivered_when_every_entry_is_and_leads_to_its_Task()
    {
        await using var consultant = await SandboxConsultant.StartAsync();
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base);

        var outcome = await bench.SendAsync(DeliveryRoute.Transaction);

        Assert.That(outcome, Is.InstanceOf<DeliveryOutcome.Delivered>());
        Assert.That(((DeliveryOutcome.Delivered)outcome).Location, Is.EqualTo(consultant.Effects.All.Single().Stored.Single(k => k.StartsWith("Task/", StringComparison.Ordinal))));
    }

    [Test]
    public async Task A_batch_in_a_transactions_clothes_that_stored_a_part_is_partly_stored()
    {
        await using var consultant = await SandboxConsultant.StartAsync(
            new SandboxConsultantOptions { Transactions = TransactionMode.Batch, RefusedTypes = new HashSet<string> { "Task" } });
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base);

        var outcome = await bench.SendAsync(DeliveryRoute.Transaction);

        Assert.That(outcome, Is.InstanceOf<DeliveryOutcome.PartlyStored>());
        var partly = (DeliveryOutcome.PartlyStored)outcome;
        Assert.That((partly.Stored, partly.Failed), Is.EqualTo((1, 1)));
        Assert.That(partly.Locations, Is.EqualTo(consultant.Effects.All.Single().Stored));
        Assert.That(partly.IssueCodes, Is.Not.Empty);
    }

    [TestCase("422", "422", typeof(DeliveryOutcome.Refused))]
    [TestCase("429", "429", typeof(DeliveryOutcome.Unreachable))]
    [TestCase("429", "500", typeof(DeliveryOutcome.Unknown))]
    [TestCase("422", "nonsense", typeof(DeliveryOutcome.Unknown))]
    public async Task Where_no_entry_was_stored_the_gravest_answer_speaks(string first, string second, Type expected)
    {
        var response = $$$"""{"resourceType":"Bundle","type":"transaction-response","entry":[{"response":{"status":"{{{first}}}"}},{"response":{"status":"{{{second}}}"}}]}""";
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 200, response));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(await bench.SendAsync(DeliveryRoute.Transaction), Is.InstanceOf(expected));
    }

    [TestCase("201 Created")]
    [TestCase("422")]
    public async Task A_transactions_answer_that_is_silent_on_some_entries_is_unknown(string status)
    {
        var response = $$$"""{"resourceType":"Bundle","type":"transaction-response","entry":[{"response":{"status":"{{{status}}}","location":"ServiceRequest/1/_history/1"}}]}""";
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 200, response));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(
            await bench.SendAsync(DeliveryRoute.Transaction, DeliveryBench.Package(DeliveryRoute.Transaction) with { Entries = 2 }),
            Is.EqualTo(new DeliveryOutcome.Unknown("outcome-unknown", 200)));
    }

    [TestCase("""{"resourceType":"Bundle","type":"transaction-response"}""")]
    [TestCase("""{"resourceType":"Bundle","type":"searchset","entry":[]}""")]
    [TestCase("""{"resourceType":"Patient","id":"p"}""")]
    [TestCase("")]
    public async Task A_transaction_answered_with_something_else_is_unknown(string response)
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 200, response));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(await bench.SendAsync(DeliveryRoute.Transaction), Is.EqualTo(new DeliveryOutcome.Unknown("outcome-unknown", 200)));
    }

    [Test]
    public async Task An_answer_is_not_lost_because_what_it_teaches_cannot_be_kept()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 413));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);
        await bench.Ledger.WriteAsync(session => session.ExecuteAsync("DROP TABLE partner_memory", new Values(), CancellationToken.None), CancellationToken.None);

        var outcome = await bench.SendAsync(DeliveryRoute.PostBundle);

        Assert.That(outcome, Is.InstanceOf<DeliveryOutcome.Refused>().With.Property("Code").EqualTo("too-large"));
        Assert.That(bench.Log.Lines, Has.Some.StartsWith("What an attempt taught of uro could not be kept"));
    }

    [TestCase(503, "(HTTP 503)")]
    [TestCase(null, "(no status)")]
    public async Task The_log_says_what_was_answered_in_words(int? status, string said)
    {
        await using var recipient = await ScriptedRecipient.StartAsync(async http =>
        {
            if (status is { } told) await ScriptedRecipient.AnswerAsync(http, told);
            else http.Abort();
        });
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        await bench.SendAsync(DeliveryRoute.PostBundle);

        Assert.That(bench.Log.Lines.Single(), Does.Contain(said).And.Not.Contain("(null)"));
    }
}
