using ReferralService.Packaging.Withholding;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Packaging.Withholding.WithholdingBench;

namespace ReferralService.Tests.Packaging.Withholding;

internal sealed class DisclosureTests
{
    private const string Hiv = ",\"valueCodeableConcept\":{\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":\"165816005\"}]}";

    [TestCase(ConsentDefault.Permit, "plain,restricted,sensitive")]
    [TestCase(ConsentDefault.PermitNormal, "plain")]
    [Fault("S24")]
    public void Without_a_consent_the_default_decides_and_is_said(ConsentDefault byDefault, string goes)
    {
        var made = Decide(Labelled(), Options(byDefault));

        Assert.Multiple(() =>
        {
            Assert.That(string.Join(',', made.Record.Resources.Select(r => r.Key.Id).Where(id => id is not ("order" or "p"))), Is.EqualTo(goes));
            Assert.That((made.Account.Basis, made.Account.Default), Is.EqualTo(("default", byDefault.ToString())));
            Assert.That(made.Account.Considered, Is.Empty);
        });
    }

    [Test]
    public void Without_a_consent_nothing_goes_where_the_default_denies()
        => Assert.That(Refused(Labelled(), Options(ConsentDefault.Deny)), Is.EqualTo("consent-missing"));

    [Test]
    public void Part_2_goes_by_no_default_and_by_no_general_permit([Values(null, """{"type":"permit"}""")] string? provision)
    {
        var record = new RecordBuilder().With(Observation("a", meta: Meta("R", "42CFRPart2")), Observation("b"));
        if (provision is not null) record.With(Consent(provision));

        var made = Decide(record);

        Assert.Multiple(() =>
        {
            Assert.That(made.Withheld.Select(w => w.Reference), Is.EqualTo(new[] { "Observation/a" }));
            Assert.That(made.Notice, Is.Null);
        });
    }

    [TestCase("42CFRPart2")]
    [TestCase("ETH")]
    public void Part_2_goes_with_the_notice_and_a_copy_of_the_consent_that_names_it(string label)
    {
        string provision = $$"""{"type":"permit","securityLabel":[{{Label("N")}},{{Label(label)}}]}""";
        var made = Decide(new RecordBuilder().With(Observation("a", meta: Meta("R", "42CFRPart2")), Observation("b"), Consent(provision)));

        Assert.Multiple(() =>
        {
            Assert.That(made.Record.Resources.Select(r => r.Key.ToString()), Is.EquivalentTo(new[] { "ServiceRequest/order", "Patient/p", "Observation/a", "Observation/b", "Consent/c" }));
            Assert.That(made.Notice, Does.StartWith("This record which has been disclosed to you is protected by Federal confidentiality rules (42 CFR part 2)."));
            Assert.That(made.Marks.Select(m => m.Code), Is.EqualTo(new[] { "R", "42CFRPart2", "NORDSCLCD" }));
        });
    }

    [Test]
    public void Part_2_goes_by_an_exception_that_names_it_though_the_base_permits_everything()
    {
        string provision = $$"""{"type":"permit","provision":[{"type":"permit","securityLabel":[{{Label("42CFRPart2")}}]}]}""";
        var made = Decide(new RecordBuilder().With(Observation("a", meta: Meta("R", "42CFRPart2")), Observation("b"), Consent(provision)));

        Assert.That((made.Withheld.Count, made.Notice is null), Is.EqualTo((0, false)));
    }

    [Test]
    public void No_consent_is_carried_for_it_tells_what_is_withheld()
        => Assert.That(Goes(new RecordBuilder().With(Observation("a"), Consent("""{"type":"permit"}"""))), Is.EqualTo(new[] { "a" }));

    [Test]
    public void Deny_wins_over_permit_whichever_is_newer([Values("2020-01-01", "2026-03-01")] string dateOfDenial)
    {
        var record = new RecordBuilder().With(
            Observation("a", meta: Meta("R", "HIV")), Observation("b"), Consent("""{"type":"permit"}""", "p1", dateTime: "2025-01-01"),
            Consent($$"""{"type":"deny","securityLabel":[{{Label("HIV")}}]}""", "d1", dateTime: dateOfDenial));

        Assert.That(Goes(record), Is.EqualTo(new[] { "b" }));
    }

    [Test]
    public void Of_several_that_say_the_same_the_newest_is_named_with_its_version()
    {
        string deny = $$"""{"type":"deny","securityLabel":[{{Label("HIV")}}]}""";
        var made = Decide(new RecordBuilder().With(
            Observation("a", meta: Meta("R", "HIV")), Consent(deny, "old", dateTime: "2020"), Consent(deny, "new", dateTime: "2026-01-01"), Consent(deny, "mid", dateTime: "2024-05-05")));

        Assert.Multiple(() =>
        {
            Assert.That(made.Withheld.Single().Rule, Is.EqualTo("Consent/new/_history/3 denies (provision)"));
            Assert.That(made.Account.Considered.Select(c => $"{c.Reference} {c.Version} {c.Decision}"), Is.EqualTo(new[] { "Consent/new 3 denies", "Consent/mid 3 silent", "Consent/old 3 silent" }));
        });
    }

    [Test]
    public void A_permit_that_is_about_other_things_does_not_undo_one_that_names_them()
    {
        string normal = $$"""{"type":"permit","securityLabel":[{{Label("N")}}]}""", hiv = $$"""{"type":"permit","securityLabel":[{{Label("HIV")}}]}""";

        Assert.That(Goes(new RecordBuilder().With(Observation("a", meta: Meta("R", "HIV")), Consent(normal, "n"), Consent(hiv, "h"))), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void The_order_in_which_the_record_came_changes_nothing()
    {
        RecordBuilder Record() => Labelled().With(
            Consent($$"""{"type":"permit","securityLabel":[{{Label("N")}}]}""", "n"), Consent($$"""{"type":"permit","securityLabel":[{{Label("HIV")}}]}""", "h"));
        var (one, other) = (Decide(Record()), Decide(Record().Reversed()));

        Assert.Multiple(() =>
        {
            Assert.That(other.Record.Resources.Select(r => r.Key), Is.EquivalentTo(one.Record.Resources.Select(r => r.Key)));
            Assert.That(other.Withheld, Is.EqualTo(one.Withheld));
            Assert.That(other.Marks, Is.EqualTo(one.Marks));
            Assert.That(other.Account.Considered, Is.EqualTo(one.Account.Considered));
        });
    }

    [Test]
    public void A_report_is_as_sensitive_as_its_results_and_a_file_goes_with_its_document()
    {
        var record = new RecordBuilder().With(
            Observation("hiv", Hiv),
            """{"resourceType":"DiagnosticReport","id":"r","status":"final","code":{"text":"panel"},"subject":{"reference":"Patient/p"},"result":[{"reference":"Observation/hiv"}],"presentedForm":[{"contentType":"application/pdf","url":"Binary/f"}]}""",
            """{"resourceType":"Binary","id":"f","contentType":"application/pdf","data":"AA=="}""",
            """{"resourceType":"MedicationRequest","id":"mr","status":"active","intent":"order","subject":{"reference":"Patient/p"},"medicationReference":{"reference":"Medication/m"}}""",
            """{"resourceType":"Medication","id":"m","code":{"coding":[{"system":"http://www.whocc.no/atc","code":"J05AR20"}]}}""",
            Observation("plain"));

        Assert.That(Goes(record, Options(ConsentDefault.PermitNormal)), Is.EqualTo(new[] { "plain" }));
    }

    [TestCase("DocumentReference")]
    [TestCase("Binary")]
    public void A_document_and_its_file_have_each_other_s_labels(string labelled)
    {
        string Of(string type) => type == labelled ? Meta("R") : "";
        var record = new RecordBuilder().With(
            $$"""{"resourceType":"DocumentReference","id":"d"{{Of("DocumentReference")}},"status":"current","subject":{"reference":"Patient/p"},"content":[ { "attachment": { "contentType": "application/pdf", "url": "Binary/f" } } ] }""",
            $$"""{"resourceType":"Binary","id":"f"{{Of("Binary")}},"contentType":"application/pdf","data":"AA=="}""");

        Assert.That(Goes(record, Options(ConsentDefault.PermitNormal)), Is.Empty);
    }

    [Test]
    public void A_file_is_guarded_as_what_its_security_context_names()
    {
        var record = new RecordBuilder().With(
            Observation("a", meta: Meta("R")), """{"resourceType":"Binary","id":"f","contentType":"application/pdf","securityContext":{"reference":"Observation/a"},"data":"AA=="}""");

        Assert.That(Goes(record, Options(ConsentDefault.PermitNormal)), Is.Empty);
    }

    [Test]
    public void A_medicine_is_as_sensitive_as_what_is_in_it()
    {
        var record = new RecordBuilder().With(
            """{"resourceType":"MedicationRequest","id":"mr","status":"active","intent":"order","subject":{"reference":"Patient/p"},"medicationReference":{"reference":"Medication/kit"}}""",
            """{"resourceType":"Medication","id":"kit","ingredient":[{"itemReference":{"reference":"Medication/m"}}]}""",
            """{"resourceType":"Medication","id":"m","code":{"coding":[{"system":"http://www.whocc.no/atc","code":"J05AR20"}]}}""");

        Assert.That(Goes(record, Options(ConsentDefault.PermitNormal)), Is.Empty);
    }

    [Test]
    public void A_file_stays_when_its_document_is_denied_by_name()
    {
        string provision = """{"type":"permit","provision":[{"type":"deny","data":[{"meaning":"instance","reference":{"reference":"DocumentReference/d"}}]}]}""";
        var record = new RecordBuilder().With(
            """{"resourceType":"DocumentReference","id":"d","status":"current","subject":{"reference":"Patient/p"},"content":[{"attachment":{"contentType":"application/pdf","url":"Binary/f"}}]}""",
            """{"resourceType":"Binary","id":"f","contentType":"application/pdf","data":"AA=="}""", Consent(provision));
        var made = Decide(record);

        Assert.Multiple(() =>
        {
            Assert.That(made.Withheld.Select(w => w.Reference), Is.EqualTo(new[] { "Binary/f", "DocumentReference/d" }));
            Assert.That(made.Withheld[0].Rule, Does.StartWith("with DocumentReference/d: "));
        });
    }

    [TestCase("NODSCLCD", null, false)]
    [TestCase("NODSCLCD", """{"type":"permit"}""", true)]
    [TestCase("ORCON", """{"type":"permit"}""", false)]
    public void A_refrain_is_heeded(string refrain, string? provision, bool goes)
    {
        var record = new RecordBuilder().With(Observation("a", meta: Meta("N", refrain)));
        if (provision is not null) record.With(Consent(provision));

        Assert.That(Goes(record), Has.Count.EqualTo(goes ? 1 : 0));
    }

    [TestCase("forbidden", "consent-unclear")]
    [TestCase("timed-out", "consent-unclear")]
    [TestCase("not-found", "consent-unclear")]
    [TestCase("gone", "consent-unclear")]
    [TestCase("not-offered", null)]
    public void Where_consents_are_kept_and_may_not_be_read_the_referral_is_held(string gap, string? code)
        => Assert.That(Refused(Labelled().Gap("Consent?search.Consent", gap, "search.Consent")), Is.EqualTo(code));

    [Test]
    public void Where_the_operator_goes_on_without_reading_consents_nothing_special_goes()
    {
        var made = Decide(Labelled().Gap("Consent?search.Consent", "forbidden", "search.Consent"), Options() with { WhenUnread = ConsentsUnread.UseDefault });

        Assert.That((made.Account.MaybeMore, made.Account.Default, made.Withheld.Count), Is.EqualTo((true, "PermitNormal", 2)));
    }

    [Test]
    public void The_account_counts_what_was_withheld_labelled_and_unknown()
    {
        var made = Decide(
            Labelled().With(Observation("odd", meta: ",\"meta\":{\"security\":[{\"system\":\"https://example.org\",\"code\":\"vip\"}]}"), Consent($$"""{"type":"deny","securityLabel":[{{Label("GDIS")}}]}""")),
            Options(ConsentDefault.PermitNormal));

        Assert.Multiple(() =>
        {
            Assert.That(made.Account.Withheld, Is.EqualTo(new Dictionary<string, int> { ["withheld-by-policy"] = 2 }));
            Assert.That(made.Account.Inferred, Is.EqualTo(new Dictionary<string, int> { ["hiv/3"] = 1 }));
            Assert.That(made.Account.UnknownLabels, Is.EqualTo(1));
            Assert.That(made.Account.NotInferable, Is.EqualTo(new[] { "GDIS" }));
        });
    }

    [Test]
    public void The_mark_is_the_highest_level_and_all_that_gives_nothing_away()
    {
        SecurityLabels Of(params string[] codes) => Read($$"""{"resourceType":"Observation"{{Meta(codes)}}}""");

        Assert.Multiple(() =>
        {
            Assert.That(HighWaterMark.Of([]).Select(m => m.Code), Is.EqualTo(new[] { "N" }));
            Assert.That(HighWaterMark.Of([Of("L"), Of("U")]).Select(m => m.Code), Is.EqualTo(new[] { "L" }));
            Assert.That(HighWaterMark.Of([Of("N"), Of("R", "PSY"), Of("HIV")]).Select(m => m.Code), Is.EqualTo(new[] { "R", "HIV", "PSY" }));
            Assert.That(HighWaterMark.Of([Of("V", "NODSCLCD", "MASK", "REDACT", "ENCRYPT", "NORDSCLCD")]).Select(m => m.Code), Is.EqualTo(new[] { "V", "ENCRYPT", "NORDSCLCD" }));
            Assert.That(HighWaterMark.Of([Of("R"), Of("N")]).Select(m => m.System), Is.All.EqualTo(LabelSystems.ConfidentialitySystem));
        });
    }

    private static RecordBuilder Labelled() => new RecordBuilder().With(Observation("plain"), Observation("restricted", meta: Meta("R")), Observation("sensitive", Hiv));
}
