using ReferralService.Delivery;
using ReferralService.Intake;
using ReferralService.Ledger;
using ReferralService.RecipientDirectory;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Faults;
using ReferralService.Tests.Delivery;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.RecipientDirectory;

/// <summary>Form and route: from the setting, from /metadata, from what was learned.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class TargetTests
{
    [TestCase(RecipientForm.Auto, true, true, true, PackageForm.Document, DeliveryRoute.PutBundle)]
    [TestCase(RecipientForm.Auto, true, false, true, PackageForm.Document, DeliveryRoute.PostBundle)]
    [TestCase(RecipientForm.Auto, false, false, true, PackageForm.Transaction, DeliveryRoute.Transaction)]
    [TestCase(RecipientForm.Collection, true, true, true, PackageForm.Collection, DeliveryRoute.PutBundle)]
    [TestCase(RecipientForm.Document, true, false, false, PackageForm.Document, DeliveryRoute.PostBundle)]
    [TestCase(RecipientForm.Transaction, true, true, true, PackageForm.Transaction, DeliveryRoute.Transaction)]
    public async Task What_is_offered_and_asked_for_decides(
        RecipientForm asked, bool storesBundles, bool updateCreate, bool transacts, PackageForm form, DeliveryRoute route)
    {
        await using var consultant = await ConsultantAsync(storesBundles, updateCreate, transacts);
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base, form: asked);

        var found = await bench.FindAsync();

        Assert.That(found, Is.EqualTo(new TargetResolution.Ready(new DeliveryTarget(DeliveryBench.Recipient, bench.Base, form, route))));
    }

    [TestCase(RecipientForm.Auto, false, false)]
    [TestCase(RecipientForm.Transaction, true, false)]
    [TestCase(RecipientForm.Document, false, true)]
    public async Task What_is_not_offered_is_held(RecipientForm asked, bool storesBundles, bool transacts)
    {
        await using var consultant = await ConsultantAsync(storesBundles, true, transacts);
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base, form: asked);

        Assert.That(await CodeAsync(bench), Is.EqualTo("recipient-incapable"));
    }

    [TestCase(RecipientForm.Document, DeliveryRoute.PostBundle)]
    [TestCase(RecipientForm.Collection, DeliveryRoute.PostBundle)]
    [TestCase(RecipientForm.Transaction, DeliveryRoute.Transaction)]
    public async Task Without_metadata_a_form_asked_for_goes_the_way_every_server_should_offer(RecipientForm asked, DeliveryRoute route)
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 404));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base, form: asked);

        var found = await bench.FindAsync();

        Assert.That(found, Is.InstanceOf<TargetResolution.Ready>());
        Assert.That(((TargetResolution.Ready)found).Target.Route, Is.EqualTo(route));
    }

    [TestCase(404, null, "recipient-incapable")]
    [TestCase(200, "<html>sign in</html>", "recipient-incapable")]
    [TestCase(200, "{\"resourceType\":\"Patient\",\"id\":\"p\"}", "recipient-incapable")]
    [TestCase(401, null, "auth-refused")]
    [TestCase(403, null, "auth-refused")]
    [TestCase(302, null, "endpoint-wrong")]
    [TestCase(503, null, "deferred recipient-busy")]
    [TestCase(429, null, "deferred recipient-throttled")]
    [TestCase(500, null, "deferred recipient-unreachable")]
    [TestCase(200, "{\"resourceType\":\"CapabilityStatement\",\"status\":\"act", "deferred recipient-unreachable")]
    public async Task Metadata_that_cannot_be_had_holds_or_defers_Auto(int status, string? body, string code)
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, status, body));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        Assert.That(await CodeAsync(bench), Is.EqualTo(code));
    }

    [Test]
    public async Task A_recipient_that_is_not_configured_is_unknown()
    {
        await using var bench = await DeliveryBench.OpenAsync("http://127.0.0.1:9/fhir");

        Assert.That(
            ((TargetResolution.Held)await bench.FindAsync("nobody")).Code, Is.EqualTo("recipient-unknown"));
    }

    [Test]
    public async Task A_refused_PUT_is_learned_and_the_same_bytes_go_by_POST()
    {
        await using var consultant = await SandboxConsultant.StartAsync();
        consultant.Faults.Add(new Fault { Method = "PUT", Status = 405, Times = null });
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base);
        var package = DeliveryBench.Package(DeliveryRoute.PutBundle);
        var first = await TargetAsync(bench);
        var refused = await bench.Delivery.SendAsync(first, package, CancellationToken.None);

        var second = await TargetAsync(bench);
        var delivered = await bench.Delivery.SendAsync(second, package, CancellationToken.None);

        Assert.That((first.Route, second.Route, second.Form), Is.EqualTo((DeliveryRoute.PutBundle, DeliveryRoute.PostBundle, first.Form)));
        Assert.That(((DeliveryOutcome.Refused)refused).Learned, Is.EqualTo("put-bundle=refused"));
        Assert.That(delivered, Is.InstanceOf<DeliveryOutcome.Delivered>());
        Assert.That(consultant.Effects.All.Single().Digest, Is.EqualTo(package.Digest));
    }

    [Test]
    public async Task What_a_wrong_address_taught_is_forgotten()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 404));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);
        await bench.SendAsync(DeliveryRoute.PutBundle);
        var learned = await bench.Memory.RecallAsync("recipient:uro", CancellationToken.None);

        await bench.SendAsync(DeliveryRoute.PostBundle);

        Assert.That(learned, Does.ContainKey("put-bundle"));
        Assert.That(await bench.Memory.RecallAsync("recipient:uro", CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task Bundles_refused_for_good_lead_Auto_to_the_transaction()
    {
        await using var consultant = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { UpdateCreate = false });
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base);
        await bench.Memory.LearnAsync("recipient:uro", "post-bundle", "refused", CancellationToken.None);

        Assert.That((await TargetAsync(bench)).Form, Is.EqualTo(PackageForm.Transaction));
    }

    [Test]
    public async Task When_nothing_is_left_what_was_learned_is_forgotten_so_that_a_retry_starts_afresh()
    {
        await using var consultant = await ConsultantAsync(storesBundles: true, updateCreate: false, transacts: false);
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base);
        await bench.Memory.LearnAsync("recipient:uro", "post-bundle", "refused", CancellationToken.None);

        var held = await CodeAsync(bench);
        var again = await TargetAsync(bench);

        Assert.That((held, again.Route), Is.EqualTo(("recipient-incapable", DeliveryRoute.PostBundle)));
    }

    [Test]
    public async Task Metadata_is_believed_for_ten_minutes()
    {
        var clock = new ManualTimeProvider();
        await using var consultant = await SandboxConsultant.StartAsync();
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base, clock);
        await TargetAsync(bench);
        clock.Advance(TimeSpan.FromMinutes(9));
        await TargetAsync(bench);
        var within = consultant.Requests.CountOf("GET", "/metadata");
        clock.Advance(TimeSpan.FromMinutes(1));

        await TargetAsync(bench);

        Assert.That((within, consultant.Requests.CountOf("GET", "/metadata")), Is.EqualTo((1, 2)));
    }

    [Test]
    public async Task Credentials_go_with_every_request()
    {
        await using var consultant = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { BearerToken = "secret-1" });
        await using var bench = await DeliveryBench.OpenAsync(consultant.Base, auth: new PartnerAuth { Kind = AuthKind.Bearer, Token = "secret-1" });

        var target = await TargetAsync(bench);

        Assert.That(await bench.SendAsync(target.Route), Is.InstanceOf<DeliveryOutcome.Delivered>());
    }

    private static async Task<DeliveryTarget> TargetAsync(DeliveryBench bench)
        => ((TargetResolution.Ready)await bench.FindAsync()).Target;

    private static async Task<string> CodeAsync(DeliveryBench bench) => await bench.FindAsync() switch
    {
        TargetResolution.Held held => held.Code,
        TargetResolution.Deferred deferred => $"deferred {deferred.Code}",
        _ => "ready",
    };

    private static Task<SandboxConsultant> ConsultantAsync(bool storesBundles, bool updateCreate, bool transacts)
        => SandboxConsultant.StartAsync(new SandboxConsultantOptions
        {
            StoresBundles = storesBundles,
            UpdateCreate = updateCreate,
            Transactions = transacts ? TransactionMode.Atomic : TransactionMode.None,
        });
}
