using System.Net;
using System.Text.Json;
using ReferralService.Fhir.Validation;
using ReferralService.Ledger;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ops.AuditBench;

namespace ReferralService.Tests.Ops;

[TestFixture]
internal sealed class AuditReadTests
{
    private const string Actor = "Canary-7781";

    [Test]
    public async Task A_delivered_package_is_a_disclosure_by_BALP()
    {
        await using var host = await OpsHost.StartAsync();
        var id = await DeliveredAsync(host, "1", Actor);

        var (_, bundle) = await host.Http.ReadAsync($"/fhir/AuditEvent?patient=Patient/{Actor}");
        var audit = bundle.GetProperty("entry")[0].GetProperty("resource");

        Assert.Multiple(() =>
        {
            Assert.That(bundle.Text("type"), Is.EqualTo("searchset"));
            Assert.That(audit.Text("id"), Is.EqualTo(id.ToString("D")));
            Assert.That(audit.GetProperty("meta").GetProperty("profile")[0].GetString(), Is.EqualTo("https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source"));
            Assert.That(Code(audit.GetProperty("type")), Is.EqualTo("http://dicom.nema.org/resources/ontology/DCM|110106"));
            Assert.That(Code(audit.GetProperty("subtype")[0]), Is.EqualTo("http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle|disclose"));
            Assert.That((audit.Text("action"), audit.Text("outcome")), Is.EqualTo(("R", "0")));
            Assert.That(audit.Text("recorded"), Is.EqualTo(host.Clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null)));
            Assert.That(Code(audit.GetProperty("purposeOfEvent")[0].GetProperty("coding")[0]), Does.EndWith("|TREAT"));
            Assert.That(
                audit.GetProperty("agent").EnumerateArray().Select(a => a.GetProperty("type").GetProperty("coding")[0].Text("code")), Is.EqualTo(new[] { "110153", "110152", "159541003", "AUT" }));
            Assert.That(audit.GetProperty("agent").EnumerateArray().Take(2).Select(a => a.GetProperty("network").Text("address")), Is.EqualTo(new[] { "https://referrals.example.org/", "https://uro.example.org/fhir" }));
            Assert.That(audit.GetProperty("agent")[0].GetProperty("who").GetRawText(), Is.EqualTo(audit.GetProperty("source").GetProperty("observer").GetRawText()), "val-audit-source");
            Assert.That(audit.GetProperty("entity").EnumerateArray().Select(e => $"{e.GetProperty("type").Text("code")}/{e.GetProperty("role").Text("code")}"), Is.EqualTo(new[] { "1/1", "2/4", "2/3" }));
            Assert.That(audit.GetProperty("entity")[0].GetProperty("what").Text("reference"), Is.EqualTo($"{Ehr}/Patient/{Actor}"));
            Assert.That(audit.GetProperty("entity")[2].GetProperty("what").GetProperty("identifier").Text("value"), Is.EqualTo($"urn:uuid:{id:D}"));
            Assert.That(Code(audit.GetProperty("entity")[2].GetProperty("securityLabel")[0]), Is.EqualTo("http://terminology.hl7.org/CodeSystem/v3-Confidentiality|N"));
        });
    }

    /// <summary>The profile's differential, row by row (ITI/BALP, AuditPrivacyDisclosureSource 1.1.4): who authorized is told where a Consent permits, and only there.</summary>
    [TestCase(true)]
    [TestCase(false)]
    public async Task The_patient_is_the_authorizer_where_a_Consent_permits(bool byPatient)
    {
        await using var host = await OpsHost.StartAsync();
        await DeliveredAsync(host, "1", "a", change: f => f with { ByPatient = byPatient });

        var (_, bundle) = await host.Http.ReadAsync("/fhir/AuditEvent");
        var agents = bundle.GetProperty("entry")[0].GetProperty("resource").GetProperty("agent").EnumerateArray().ToList();
        var authorizers = agents.Where(a => Code(a.GetProperty("type").GetProperty("coding")[0]) == "http://snomed.info/sct|429577009").ToList();

        Assert.That(authorizers.Select(a => a.GetProperty("who").Text("reference")), Is.EqualTo(byPatient ? new[] { $"{Ehr}/Patient/a" } : []));
        Assert.That(agents.Select(a => a.GetProperty("requestor").GetBoolean()).Count(r => r), Is.EqualTo(1), "the requester alone asked for it");
    }

    [Test]
    public async Task What_is_answered_is_good_R4_whatever_is_known_of_a_disclosure()
    {
        await using var host = await OpsHost.StartAsync();
        await DeliveredAsync(host, "1", "a", change: f => f with { Labels = [], Consents = [], Requester = null });
        await DeliveredAsync(host, "2", "a", change: f => f with { Part2 = true, ByPatient = true, Labels = [.. f.Labels, "http://terminology.hl7.org/CodeSystem/v3-ActCode|PSY"] });
        await DeliveredAsync(host, "3", "b", Keyed(host, "k1"));

        foreach (string query in new[] { "", "?patient=a", "?_count=1", "?patient=nobody" })
        {
            var report = AuthoredCheck.Check(await host.Http.GetByteArrayAsync($"/fhir/AuditEvent{query}"));
            Assert.That(report.Findings.Where(f => f.Severity == LintSeverity.Error).Select(f => $"{f.Code} {f.Path} {f.Rule}"), Is.Empty, query);
        }
    }

    [Test]
    public async Task What_was_packaged_and_not_delivered_is_no_disclosure()
    {
        await using var host = await OpsHost.StartAsync();
        var referral = await host.Ledger.PackagedAsync("1");
        await host.Ledger.Disclosures.KeepAsync(Facts(referral, Actor), CancellationToken.None);

        var (_, bundle) = await host.Http.ReadAsync("/fhir/AuditEvent");
        var (status, _) = await host.Http.ReadAsync($"/fhir/AuditEvent/{referral.PackageId:D}");

        Assert.That((bundle.TryGetProperty("entry", out _), status), Is.EqualTo((false, HttpStatusCode.NotFound)));
    }

    [TestCase("Patient/a", "3,1")]
    [TestCase("a", "3,1")]
    [TestCase(Ehr + "/Patient/a", "3,1")]
    [TestCase("Patient/b", "2")]
    [TestCase("Patient/none", "")]
    [TestCase("https://elsewhere.example.org/fhir/Patient/a", "")]
    public async Task Only_the_patient_asked_for_is_shown_newest_first(string patient, string orders)
    {
        await using var host = await OpsHost.StartAsync();
        foreach (var (order, of) in new[] { ("1", "a"), ("2", "b"), ("3", "a") }) await DeliveredAsync(host, order, of);

        var (_, bundle) = await host.Http.ReadAsync($"/fhir/AuditEvent?patient={Uri.EscapeDataString(patient)}");

        Assert.That(string.Join(',', Orders(bundle)), Is.EqualTo(orders));
    }

    [Test]
    public async Task The_newest_is_what_was_delivered_last_and_not_what_was_made_last()
    {
        await using var host = await OpsHost.StartAsync();
        var first = await KeptAsync(host, "1", "a");
        await DeliveredAsync(host, "2", "a");
        host.Clock.Advance(TimeSpan.FromMinutes(2));
        await EndedAsync(host, first);

        Assert.That(await PagesAsync(host, "/fhir/AuditEvent?patient=a&_count=1"), Is.EqualTo(new[] { "1", "2" }));
    }

    [TestCase(0)]
    [TestCase(1)]
    public async Task Pages_follow_each_other_without_a_gap(int secondsBetween)
    {
        await using var host = await OpsHost.StartAsync();
        foreach (var order in new[] { "1", "2", "3", "4", "5" })
        {
            await DeliveredAsync(host, order, "a");
            host.Clock.Advance(TimeSpan.FromSeconds(secondsBetween));
        }

        Assert.That(await PagesAsync(host, "/fhir/AuditEvent?patient=a&_count=2"), Is.EqualTo(new[] { "5", "4", "3", "2", "1" }));
    }

    private static async Task<List<string>> PagesAsync(OpsHost host, string first)
    {

        var seen = new List<string>();
        string? next = first;
        for (var pages = 0; next is not null && pages < 5; pages++)
        {
            var (_, bundle) = await host.Http.ReadAsync(next.Replace("https://referrals.example.org", "", StringComparison.Ordinal));
            seen.AddRange(Orders(bundle));
            next = bundle.GetProperty("link").EnumerateArray().Where(l => l.Text("relation") == "next").Select(l => l.Text("url")).SingleOrDefault();
        }

        return seen;
    }

    [TestCase("patient=Practitioner/a")]
    [TestCase("patient=")]
    [TestCase("date=ne2026-01-01")]
    [TestCase("date=26")]
    [TestCase("date=%D9%A2%D9%A0%D9%A2%D9%A6")]
    [TestCase("date=2026-13")]
    [TestCase("date=2026-02-30")]
    [TestCase("date=0000")]
    [TestCase("date=2026-11-22T10")]
    [TestCase("date=2026-11-22T25:00:00Z")]
    [TestCase("date=2026-11-22T10:00:00%2B25:00")]
    [TestCase("date=")]
    [TestCase("date=le")]
    [TestCase("_count=0")]
    [TestCase("_cursor=nonsense")]
    [TestCase("subject=Patient/a")]
    [TestCase("patient=a&patient=b")]
    public async Task A_parameter_that_would_be_ignored_is_refused(string query)
    {
        await using var host = await OpsHost.StartAsync();

        var (status, outcome) = await host.Http.ReadAsync($"/fhir/AuditEvent?{query}");

        Assert.That((status, outcome.Text("resourceType")), Is.EqualTo((HttpStatusCode.BadRequest, "OperationOutcome")));
    }

    [Test]
    public async Task No_patient_stands_in_a_plain_column_and_a_later_key_still_finds_it()
    {
        await using var host = await OpsHost.StartAsync();
        byte[] one = [.. Enumerable.Repeat((byte)1, 32)], two = [.. Enumerable.Repeat((byte)2, 32)];
        var before = new DisclosureBook(host.Ledger.Database, new VaultKeys([("k1", one)]));
        var after = new DisclosureBook(host.Ledger.Database, new VaultKeys([("k2", two), ("k1", one)]));
        var without = new DisclosureBook(host.Ledger.Database, new VaultKeys([("k2", two)]));
        await DeliveredAsync(host, "1", Actor, before);
        var query = new DisclosureQuery(10, [$"{Ehr}/Patient/{Actor}"]);

        var found = (await after.PageAsync(query, CancellationToken.None)).Items;
        var row = (await host.Ledger.Database.ReadAsync(
            s => s.ReadRowsAsync("SELECT patient || hex(body) FROM disclosure", new Values(), r => r.GetString(0), CancellationToken.None), CancellationToken.None)).Single();

        Assert.Multiple(() =>
        {
            Assert.That(found.Single().Facts.Patient, Does.EndWith(Actor));
            Assert.That(row, Does.Not.Contain(Actor).And.Not.Contain(Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(Actor))));
        });
        Assert.That(await without.PageAsync(query, CancellationToken.None), Is.EqualTo(new DisclosurePage([], null, Sealed: 1, Damaged: 0)).Using<DisclosurePage>((a, b) => (a.Items.Count, a.Next, a.Sealed, a.Damaged) == (b.Items.Count, b.Next, b.Sealed, b.Damaged)));
    }

    [Test]
    public async Task What_is_in_clear_is_sealed_once_there_is_a_key_and_stays_to_be_found()
    {
        await using var host = await OpsHost.StartAsync();
        await DeliveredAsync(host, "1", Actor);
        var keyed = new DisclosureBook(host.Ledger.Database, new VaultKeys([("k2", [.. Enumerable.Repeat((byte)2, 32)])]));

        Assert.That((await keyed.ResealAsync(CancellationToken.None), await keyed.ResealAsync(CancellationToken.None)), Is.EqualTo((1, 0)));

        var query = new DisclosureQuery(1, [$"{Ehr}/Patient/{Actor}"]);
        Assert.Multiple(async () =>
        {
            Assert.That((await keyed.PageAsync(query, CancellationToken.None)).Items.Single().Facts.Patient, Does.EndWith(Actor));
            Assert.That((await host.Ledger.Disclosures.PageAsync(query, CancellationToken.None)).Items, Is.Empty, "without the key nothing is found");
        });
    }

    [Test]
    public async Task A_ledger_whose_disclosures_are_sealed_does_not_start_without_their_key_until_they_are_in_clear_again()
    {
        await using var host = await OpsHost.StartAsync();
        (string, byte[])[] key = [("k1", [.. Enumerable.Repeat((byte)1, 32)])];
        await DeliveredAsync(host, "1", Actor, new DisclosureBook(host.Ledger.Database, new VaultKeys(key)));
        var check = new VaultKeyCheck(host.Ledger.Database, host.Ledger.Vault, new LedgerOptions());

        Assert.That(() => check.RunAsync(CancellationToken.None), Throws.InstanceOf<LedgerStartException>().With.Message.Contains("1 part under key k1"));

        var back = new DisclosureBook(host.Ledger.Database, new VaultKeys(key) { InClear = true });
        Assert.That((await back.ResealAsync(CancellationToken.None), await back.ResealAsync(CancellationToken.None)), Is.EqualTo((1, 0)));
        Assert.That(await check.RunAsync(CancellationToken.None), Is.Empty);
        Assert.That((await host.Ledger.Disclosures.PageAsync(new DisclosureQuery(1, [$"{Ehr}/Patient/{Actor}"]), CancellationToken.None)).Items, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task What_was_delivered_is_not_written_over()
    {
        await using var host = await OpsHost.StartAsync();
        var id = await DeliveredAsync(host, "1", "a");
        var kept = (await host.Ledger.Disclosures.PageAsync(new DisclosureQuery(1), CancellationToken.None)).Items.Single().Facts;

        await host.Ledger.Disclosures.KeepAsync(kept with { Entries = 999 }, CancellationToken.None);

        Assert.That((await host.Ledger.Disclosures.FindAsync(id, CancellationToken.None))!.Facts.Entries, Is.EqualTo(kept.Entries));
    }

    private static string Code(JsonElement coding) => $"{coding.Text("system")}|{coding.Text("code")}";
}
