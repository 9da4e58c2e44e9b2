using System.Text;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;
using ReferralService.Intake;
using ReferralService.RecipientDirectory;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Tests.Delivery;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.RecipientDirectory;

/// <summary>Whom an order is for: performers read at a real EHR, matched by reference and identifier.</summary>
internal sealed class ResolverTests
{
    private const string Npi = "http://hl7.org/fhir/sid/us-npi";

    private SandboxEhr _ehr = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _ehr = await SandboxEhr.StartAsync();
        _ehr.Load("""{"resourceType":"Organization","id":"roof","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"9000000000"}]}""");
        _ehr.Load("""{"resourceType":"Organization","id":"clinic","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"1000000001"}],"partOf":{"reference":"Organization/roof"}}""");
        _ehr.Load("""{"resourceType":"Organization","id":"ward","partOf":{"reference":"Organization/clinic"}}""");
        _ehr.Load("""{"resourceType":"Practitioner","id":"doc","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"1000000002"}]}""");
        _ehr.Load("""{"resourceType":"PractitionerRole","id":"role","practitioner":{"reference":"Practitioner/doc"},"organization":{"reference":"Organization/clinic"}}""");
        _ehr.Load("""{"resourceType":"HealthcareService","id":"service","providedBy":{"reference":"Organization/clinic"}}""");
        _ehr.Load("""{"resourceType":"CareTeam","id":"team","subject":{"reference":"Patient/p"},"managingOrganization":[{"reference":"Organization/clinic"}]}""");
    }

    [TearDown]
    public async Task StopAsync() => await _ehr.DisposeAsync();

    // What the recipient matches, whom the order names, and whether they meet.
    [TestCase("Organization/clinic", "Organization/clinic", true)]
    [TestCase("Organization/clinic", "Organization/clinic/_history/3", true)]
    [TestCase("{ehr}/Organization/clinic", "Organization/clinic", true)]
    [TestCase("Organization/clinic", "{ehr}/Organization/clinic", true)]
    [TestCase("Organization/clinic", "https://elsewhere.example/fhir/Organization/clinic", false)]
    [TestCase("https://elsewhere.example/fhir/Organization/clinic", "https://elsewhere.example/fhir/Organization/clinic", true)]
    [TestCase("https://ELSEWHERE.example:443/fhir/Organization/clinic", "https://elsewhere.example/fhir/Organization/clinic", true)]
    [TestCase("https://elsewhere.example/fhir/Organization/clinic", "Organization/clinic", false)]
    [TestCase(Npi + "|1000000001", "Organization/clinic", true)]
    [TestCase(Npi + "|1000000002", "Practitioner/doc", true)]
    [TestCase(Npi + "|1000000002", "PractitionerRole/role", true)]
    [TestCase(Npi + "|1000000001", "PractitionerRole/role", true)]
    [TestCase("Organization/clinic", "PractitionerRole/role", true)]
    [TestCase("Practitioner/doc", "PractitionerRole/role", true)]
    [TestCase(Npi + "|1000000001", "HealthcareService/service", true)]
    [TestCase(Npi + "|1000000001", "CareTeam/team", true)]
    [TestCase(Npi + "|1000000001", "Organization/ward", true)]
    [TestCase("Organization/clinic", "Organization/ward", true)]
    [TestCase(Npi + "|9000000000", "PractitionerRole/role", true)]
    [TestCase(Npi + "|9000000000", "Organization/ward", false)]
    [TestCase(Npi + "|1000000001", "Organization/not-there", false)]
    [TestCase("urn:oid:1.2|1000000001", "Organization/clinic", false)]
    public async Task A_performer_means_a_recipient_by_reference_or_by_what_the_EHR_tells_of_it(string match, string performer, bool meets)
    {
        var resolution = await ResolveAsync($$"""[{"reference":"{{At(performer)}}"}]""", ("uro", [At(match)]));

        Assert.That(resolution is RecipientResolution.Resolved { Recipient: "uro" }, Is.EqualTo(meets), resolution.ToString());
        if (!meets) Assert.That(((RecipientResolution.Unresolved)resolution).Code, Is.EqualTo("recipient-unknown"));
    }

    [Test]
    public async Task A_logical_reference_is_enough_and_asks_nobody()
    {
        var resolution = await ResolveAsync(
            $$"""[{"identifier":{"system":"{{Npi}}","value":"1000000001"},"reference":"Organization/clinic"}]""", ("uro", [Npi + "|1000000001"]));

        Assert.That(resolution, Is.EqualTo(new RecipientResolution.Resolved("uro")));
        Assert.That(_ehr.Requests.Count, Is.Zero);
    }

    [Test]
    public async Task The_literal_reference_outweighs_the_identifier_beside_it()
    {
        var resolution = await ResolveAsync(
            $$"""[{"reference":"Organization/clinic","identifier":{"system":"{{Npi}}","value":"5"} }]""", ("by-reference", ["Organization/clinic"]), ("by-identifier", [Npi + "|5"]));

        Assert.That(resolution, Is.EqualTo(new RecipientResolution.Resolved("by-reference")));
    }

    [Test]
    public async Task A_contained_performer_is_read_in_the_order_itself()
    {
        var resolution = await ResolveAsync(
            """[{"reference":"#r"}]""",
            """[{"resourceType":"Practitioner","id":"x"},{"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"#x"},"organization":{"reference":"Organization/clinic"}}]""",
            ("uro", [Npi + "|1000000001"]));

        Assert.That(resolution, Is.EqualTo(new RecipientResolution.Resolved("uro")));
    }

    [Test]
    public async Task Contained_performers_that_lead_in_a_circle_end()
    {
        var resolution = await ResolveAsync(
            """[{"reference":"#r"}]""",
            """[{"resourceType":"PractitionerRole","id":"r","organization":{"reference":"#r"}}]""",
            ("uro", ["Organization/clinic"]));

        Assert.That(resolution, Is.InstanceOf<RecipientResolution.Unresolved>());
    }

    [Fault("S23")]
    [Test]
    public async Task Two_recipients_without_an_order_are_one_too_many()
    {
        var resolution = await ResolveAsync(
            """[{"reference":"Organization/clinic"},{"reference":"Practitioner/doc"}]""", ("uro", ["Organization/clinic"]), ("other", ["Practitioner/doc"]));

        Assert.That(((RecipientResolution.Unresolved)resolution).Code, Is.EqualTo("recipient-ambiguous"));
    }

    [Test]
    public async Task Two_performers_that_mean_one_recipient_are_one()
    {
        var resolution = await ResolveAsync(
            """[{"reference":"Organization/clinic"},{"reference":"Practitioner/doc"}]""", ("uro", ["Organization/clinic", "Practitioner/doc"]));

        Assert.That(resolution, Is.EqualTo(new RecipientResolution.Resolved("uro")));
    }

    [Test]
    public async Task An_alternative_nobody_knows_does_not_stand_in_the_way()
    {
        var resolution = await ResolveAsync(
            """[{"reference":"Organization/not-there"},{"reference":"Organization/clinic"}]""", ("uro", ["Organization/clinic"]));

        Assert.That(resolution, Is.EqualTo(new RecipientResolution.Resolved("uro")));
    }

    [TestCase(1, 2, "uro")]
    [TestCase(2, 1, "other")]
    [TestCase(1, 1, null)]
    public async Task The_performers_own_order_decides_between_two(int first, int second, string? chosen)
    {
        var resolution = await ResolveAsync(
            $"[{Ranked("Organization/clinic", first)},{Ranked("Practitioner/doc", second)}]", ("uro", ["Organization/clinic"]), ("other", ["Practitioner/doc"]));

        Assert.That((resolution as RecipientResolution.Resolved)?.Recipient, Is.EqualTo(chosen));
    }

    [Test]
    public async Task A_first_choice_nobody_knows_gives_way_to_the_second()
    {
        var resolution = await ResolveAsync(
            $"[{Ranked("Practitioner/doc", 2)},{Ranked("Organization/not-there", 1)}]", ("other", ["Practitioner/doc"]));

        Assert.That(resolution, Is.EqualTo(new RecipientResolution.Resolved("other")));
    }

    [Test]
    public async Task A_ranked_performer_goes_before_one_without_rank()
    {
        var resolution = await ResolveAsync(
            $$"""[{"reference":"Practitioner/doc"},{{Ranked("Organization/clinic", 5)}}]""", ("uro", ["Organization/clinic"]), ("other", ["Practitioner/doc"]));

        Assert.That(resolution, Is.EqualTo(new RecipientResolution.Resolved("uro")));
    }

    [Fault("S23")]
    [Test]
    public async Task No_performer_means_nobody()
        => Assert.That(((RecipientResolution.Unresolved)await ResolveAsync("[]", ("uro", ["Organization/clinic"]))).Code, Is.EqualTo("recipient-unknown"));

    [TestCase(503, "ehr-error")]
    [TestCase(500, "ehr-error")]
    [TestCase(429, "ehr-throttled")]
    [TestCase(401, "auth-refused")]
    public async Task An_EHR_that_cannot_be_asked_defers(int status, string code)
    {
        _ehr.Faults.Add(new Fault { Method = "GET", Status = status, Times = null });

        var resolution = await ResolveAsync("""[{"reference":"PractitionerRole/role"}]""", ("uro", [Npi + "|1000000001"]));

        Assert.That(resolution, Is.InstanceOf<RecipientResolution.Deferred>());
        Assert.That(((RecipientResolution.Deferred)resolution).Code, Is.EqualTo(code));
    }

    [Test]
    public async Task A_performer_we_may_not_read_tells_nothing()
    {
        _ehr.Faults.Add(new Fault { Method = "GET", Status = 403, Times = null });

        Assert.That(await ResolveAsync("""[{"reference":"PractitionerRole/role"}]""", ("uro", [Npi + "|1000000001"])), Is.InstanceOf<RecipientResolution.Unresolved>());
    }

    [Test]
    public async Task A_reference_to_another_server_is_never_followed()
    {
        await using var elsewhere = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 200));

        await ResolveAsync($$"""[{"reference":"{{elsewhere.Base}}/Organization/clinic"}]""", ("uro", [Npi + "|1000000001"]));

        Assert.That(elsewhere.Requests, Is.Zero);
    }

    private static string Ranked(string reference, int rank)
        => $$"""{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/request-performerOrder","valueInteger":{{rank}}}],"reference":"{{reference}}"}""";

    private string At(string text) => text.Replace("{ehr}", _ehr.Base, StringComparison.Ordinal);

    private Task<RecipientResolution> ResolveAsync(string performers, params (string Name, string[] Matches)[] recipients) => ResolveAsync(performers, "[]", recipients);

    private async Task<RecipientResolution> ResolveAsync(string performers, string contained, params (string Name, string[] Matches)[] recipients)
    {
        var order = Encoding.UTF8.GetBytes($$"""
            {"resourceType":"ServiceRequest","id":"s1",{{(contained == "[]" ? "" : $"\"contained\":{contained},")}}"status":"active","intent":"order","subject":{"reference":"Patient/p"}{{(performers == "[]" ? "" : $",\"performer\":{performers}")}}}
            """);
        var clock = new HastyClock();
        using var ehrs = new EhrConnections(new EhrRegistry([new EhrOptions { Name = "main", BaseUrl = new Uri(_ehr.Base) }]), new GatheringOptions(), new GetPipelineOptions(), new PartnerContacts(), clock);
        var index = new RecipientIndex(new RecipientRegistry(
            recipients.Select(r => new RecipientOptions { Name = r.Name, BaseUrl = new Uri("https://recipient.example/fhir"), Matches = r.Matches })));
        return await new RecipientResolver(ehrs, index).ResolveAsync(
            new OrderSnapshot("main", ServiceRequestView.Read(RawResource.Read(order)), order), CancellationToken.None);
    }
}
