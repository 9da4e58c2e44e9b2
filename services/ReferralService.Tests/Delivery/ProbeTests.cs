using System.Text;
using ReferralService.Delivery;
using ReferralService.RecipientDirectory;
using ReferralService.Sandbox.Consultant;

namespace ReferralService.Tests.Delivery;

/// <summary>What asking after an unknown outcome proves, and what it does not.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class ProbeTests
{
    private static readonly string Ours = $"urn:uuid:{DeliveryBench.PackageId}";

    [Test]
    public async Task Another_Bundle_under_our_id_is_delivered_with_a_note()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(
            http, 200, $$"""{"resourceType":"Bundle","id":"{{DeliveryBench.PackageId}}","type":"collection"}"""));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(
            await bench.ProbeAsync(DeliveryRoute.PutBundle),
            Is.EqualTo(new DeliveryOutcome.Delivered(200, $"Bundle/{DeliveryBench.PackageId}", "digest-differs")));
    }

    [Test]
    public async Task A_package_that_was_posted_before_PUT_was_offered_is_found_all_the_same()
    {
        await using var consultant = await SandboxConsultant.StartAsync();
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base);
        await bench.SendAsync(DeliveryRoute.PostBundle);

        var outcome = await bench.ProbeAsync(DeliveryRoute.PutBundle);

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Delivered(200, consultant.Effects.All.Single().Key, "found-by-probe")));
    }

    [Test]
    public async Task A_Bundle_that_was_deleted_there_had_landed()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 410));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        var outcome = await bench.ProbeAsync(DeliveryRoute.PutBundle);

        Assert.That(outcome, Is.InstanceOf<DeliveryOutcome.Doubtful>());
        var doubtful = (DeliveryOutcome.Doubtful)outcome;
        Assert.That((doubtful.Cause, doubtful.Locations.Single()), Is.EqualTo(("found-deleted", $"Bundle/{DeliveryBench.PackageId}")));
    }

    [Test]
    public async Task An_id_that_is_free_is_free_even_where_nothing_can_be_searched()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, http.Request.QueryString.HasValue ? 501 : 404));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(await bench.ProbeAsync(DeliveryRoute.PutBundle), Is.EqualTo(new DeliveryOutcome.Absent()));
    }

    [Test]
    public async Task The_question_wants_no_answer_that_was_kept_from_before()
    {
        string? cache = null;
        await using var recipient = await ScriptedRecipient.StartAsync(http =>
        {
            cache = http.Request.Headers.CacheControl.ToString();
            return ScriptedRecipient.AnswerAsync(http, 200, Page(null));
        });
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        await bench.ProbeAsync(DeliveryRoute.Transaction);

        Assert.That(cache, Is.EqualTo("no-cache"));
    }

    [Test]
    public async Task A_stored_package_too_long_to_be_read_back_is_found_all_the_same()
    {
        var consultant = await SandboxConsultant.StartAsync();
        await using var _ = consultant;
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base);
        var large = Encoding.UTF8.GetBytes(DeliveryBench.DocumentJson.Replace("\"AFP\"", $"\"{new string('x', 9 << 20)}\"", StringComparison.Ordinal));
        var package = DeliveryBench.Package(large);
        await bench.SendAsync(DeliveryRoute.PutBundle, package);

        var outcome = await bench.Delivery.ProbeAsync(bench.Target(DeliveryRoute.PutBundle), package, CancellationToken.None);

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Delivered(200, $"Bundle/{DeliveryBench.PackageId}", "found-by-probe")));
    }

    [Test]
    public async Task The_question_names_the_identifier_and_asks_to_be_taken_strictly()
    {
        string? query = null, prefer = null;
        await using var recipient = await ScriptedRecipient.StartAsync(http =>
        {
            (query, prefer) = (http.Request.QueryString.Value, http.Request.Headers["Prefer"].ToString());
            return ScriptedRecipient.AnswerAsync(http, 200, Page("http://127.0.0.1/fhir/Bundle?identifier=urn%3Aietf%3Arfc%3A3986%7C" + Uri.EscapeDataString(Ours)));
        });
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        var outcome = await bench.ProbeAsync(DeliveryRoute.PostBundle);

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Absent()));
        Assert.That(query, Is.EqualTo($"?identifier=urn%3Aietf%3Arfc%3A3986%7C{Uri.EscapeDataString(Ours)}&_count=2&_elements=identifier,timestamp"));
        Assert.That(prefer, Is.EqualTo("handling=strict"));
    }

    [TestCase("http://127.0.0.1/fhir/Bundle?_count=2")]
    [TestCase("http://127.0.0.1/fhir/Bundle?identifier=")]
    [TestCase("http://127.0.0.1/fhir/Bundle")]
    [TestCase(null)]
    public async Task Nothing_found_by_a_server_that_did_not_look_for_it_proves_nothing(string? self)
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 200, Page(self)));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(await bench.ProbeAsync(DeliveryRoute.PostBundle), Is.EqualTo(new DeliveryOutcome.Unprovable()));
    }

    [Test]
    public async Task A_page_with_nothing_in_it_and_another_one_after_it_proves_nothing()
    {
        var self = $"http://127.0.0.1/fhir/Bundle?identifier={Uri.EscapeDataString("urn:ietf:rfc:3986|" + Ours)}";
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(
            http, 200, $$"""{"resourceType":"Bundle","type":"searchset","link":[{"relation":"self","url":"{{self}}"},{"relation":"next","url":"{{self}}&page=2"}]}"""));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(await bench.ProbeAsync(DeliveryRoute.PostBundle), Is.EqualTo(new DeliveryOutcome.Unprovable()));
    }

    [Test]
    public async Task Others_packages_given_in_answer_prove_nothing()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(
            http, 200, Page($"http://127.0.0.1/fhir/Bundle?identifier={Uri.EscapeDataString("urn:ietf:rfc:3986|" + Ours)}", ("1", "urn:uuid:another"))));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(await bench.ProbeAsync(DeliveryRoute.PostBundle), Is.EqualTo(new DeliveryOutcome.Unprovable()));
    }

    [Test]
    public async Task Ours_among_others_is_found_even_where_the_filter_was_ignored()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(
            http, 200, Page("http://127.0.0.1/fhir/Bundle", ("1", "urn:uuid:another"), ("2", Ours))));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(await bench.ProbeAsync(DeliveryRoute.PostBundle), Is.EqualTo(new DeliveryOutcome.Delivered(200, "Bundle/2", "found-by-probe")));
    }

    [Test]
    public async Task A_package_that_is_there_twice_is_a_persons_to_settle()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 200, Page(null, ("1", Ours), ("2", Ours))));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        var outcome = await bench.ProbeAsync(DeliveryRoute.PostBundle);

        Assert.That((outcome as DeliveryOutcome.Doubtful)?.Locations, Is.EqualTo(new[] { "Bundle/1", "Bundle/2" }));
    }

    [Test]
    public async Task A_strict_server_without_elements_is_asked_without_them()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => http.Request.Query.ContainsKey("_elements")
            ? ScriptedRecipient.AnswerAsync(http, 400, ScriptedRecipient.Outcome("not-supported"))
            : ScriptedRecipient.AnswerAsync(http, 200, Page(null, ("1", Ours))));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(await bench.ProbeAsync(DeliveryRoute.PostBundle), Is.EqualTo(new DeliveryOutcome.Delivered(200, "Bundle/1", "found-by-probe")));
    }

    [TestCase(400)]
    [TestCase(404)]
    [TestCase(405)]
    [TestCase(410)]
    [TestCase(501)]
    public async Task A_search_that_is_not_offered_proves_nothing(int status)
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, status));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(await bench.ProbeAsync(DeliveryRoute.Transaction), Is.EqualTo(new DeliveryOutcome.Unprovable()));
    }

    [Test]
    public async Task A_login_page_proves_nothing()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 200, "<html>sign in</html>"));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(await bench.ProbeAsync(DeliveryRoute.PutBundle), Is.EqualTo(new DeliveryOutcome.Unprovable()));
    }

    [TestCase(401, typeof(DeliveryOutcome.Refused))]
    [TestCase(403, typeof(DeliveryOutcome.Refused))]
    [TestCase(500, typeof(DeliveryOutcome.Unreachable))]
    [TestCase(503, typeof(DeliveryOutcome.Unreachable))]
    public async Task A_probe_that_could_not_be_made_says_so(int status, Type expected)
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, status));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(await bench.ProbeAsync(DeliveryRoute.PutBundle), Is.InstanceOf(expected));
    }

    private static string Page(string? self, params (string Id, string Identifier)[] bundles)
    {
        var links = self is null ? "" : $$""","link":[{"relation":"self","url":"{{self}}"}]""";
        var entries = bundles.Select(b => $$$"""{"resource":{"resourceType":"Bundle","id":"{{{b.Id}}}","identifier":{"system":"urn:ietf:rfc:3986","value":"{{{b.Identifier}}}"},"type":"collection"},"search":{"mode":"match"}}""");
        return $$"""{"resourceType":"Bundle","type":"searchset"{{links}}{{(bundles.Length == 0 ? "" : $",\"entry\":[{string.Join(',', entries)}]")}}}""";
    }
}
