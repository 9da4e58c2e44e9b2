using ReferralService.Ledger;

namespace ReferralService.Tests.Packaging;

internal sealed class CompositionTests
{
    private static readonly PackageForm[] Noted = [PackageForm.Document, PackageForm.Transaction];

    private static readonly string[] Requested = ["Practitioner", "PractitionerRole", "Organization", "Device", "Patient", "RelatedPerson"];

    [Test]
    public async Task A_document_begins_with_its_composition()
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(OddBodies.All), PackageForm.Document);

        Assert.That(BuiltPackage.Resource(package.Entries[0]).GetProperty("resourceType").GetString(), Is.EqualTo("Composition"));
    }

    [TestCaseSource(nameof(Noted))]
    public async Task The_composition_is_a_final_referral_note_about_the_patient(PackageForm form)
    {
        var package = await BuiltPackage.Of(new RecordBuilder(), form);
        var note = package.Composition;

        Assert.Multiple(() =>
        {
            Assert.That(note.GetProperty("type").GetRawText(), Is.EqualTo("""{"coding":[{"system":"http://loinc.org","code":"57133-1","display":"Referral note"}]}"""));
            Assert.That(note.GetProperty("status").GetString(), Is.EqualTo("final"));
            Assert.That(note.GetProperty("subject").GetProperty("reference").GetString(), Is.EqualTo(package.FullUrl("Patient", "p")));
            Assert.That(note.GetProperty("date").GetString(), Is.EqualTo("2026-05-04T10:00:00.123Z"));
        });
    }

    [TestCaseSource(nameof(Noted))]
    public async Task Everything_we_write_refers_to_entries_only(PackageForm form)
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(OddBodies.All), form);
        var fullUrls = package.Entries.Select(e => e.GetProperty("fullUrl").GetString()!).ToHashSet();
        var authored = package.Entries.Where(e => !package.Manifest.Included.Any(i => i.FullUrl == e.GetProperty("fullUrl").GetString()))
            .Where(e => !BuiltPackage.Resource(e).GetProperty("resourceType").ValueEquals("Provenance")).ToList();

        Assert.That(authored, Is.Not.Empty);
        Assert.That(authored.SelectMany(e => BuiltPackage.References(e)).Distinct(), Is.SubsetOf(fullUrls));
    }

    [TestCaseSource(nameof(Noted))]
    public async Task What_we_write_has_its_uuid_as_id_and_a_narrative(PackageForm form)
    {
        var package = await BuiltPackage.Of(new RecordBuilder(), form);

        foreach (string type in new[] { "Composition", "Device" })
        {
            var entry = package.Entry(type);
            var resource = BuiltPackage.Resource(entry);
            Assert.That(entry.GetProperty("fullUrl").GetString(), Is.EqualTo($"urn:uuid:{resource.GetProperty("id").GetString()}"));
            Assert.That(resource.GetProperty("text").GetProperty("status").GetString(), Is.EqualTo("generated"));
            Assert.That(BuiltPackage.Narrative(resource).Value, Is.Not.Empty);
        }
    }

    [Test]
    public async Task The_requester_is_the_author_when_it_is_inside([ValueSource(nameof(Requested))] string type)
    {
        string id = type == "Patient" ? "p" : "r";
        string order = RecordBuilder.Order.Trim().Replace("\"authoredOn\"", $"\"requester\":{{\"reference\":\"{type}/{id}\"}},\"authoredOn\"");
        var record = new RecordBuilder().Without(RecordBuilder.Order).With(order);
        if (type != "Patient") record.With($$"""{"resourceType":"{{type}}","id":"r"}""");
        var package = await BuiltPackage.Of(record, PackageForm.Document);

        Assert.That(package.Composition.GetProperty("author")[0].GetProperty("reference").GetString(), Is.EqualTo($"{RecordBuilder.Ehr}/{type}/{id}"));
    }

    [TestCase("", TestName = "No requester: the author is our Device")]
    [TestCase("\"requester\":{\"reference\":\"Practitioner/outside\"},", TestName = "A requester that is not inside: the author is our Device")]
    [TestCase("\"requester\":{\"reference\":\"Observation/decimals\"},", TestName = "A requester that is nobody: the author is our Device")]
    public async Task Without_a_requester_the_author_is_our_device(string requester)
    {
        string order = RecordBuilder.Order.Trim().Replace("\"authoredOn\"", requester + "\"authoredOn\"");
        var package = await BuiltPackage.Of(new RecordBuilder().Without(RecordBuilder.Order).With(order).With(OddBodies.All), PackageForm.Document);

        string? author = package.Composition.GetProperty("author")[0].GetProperty("reference").GetString();
        Assert.That(author, Is.EqualTo(package.Entry("Device").GetProperty("fullUrl").GetString()));
    }

    [TestCaseSource(nameof(Noted))]
    public async Task The_order_s_encounter_is_named_when_it_is_inside(PackageForm form)
    {
        string order = RecordBuilder.Order.Trim().Replace("\"authoredOn\"", "\"encounter\":{\"reference\":\"Encounter/narrative\"},\"authoredOn\"");
        var inside = await BuiltPackage.Of(new RecordBuilder().Without(RecordBuilder.Order).With(order).With(OddBodies.All), form);
        var outside = await BuiltPackage.Of(new RecordBuilder().Without(RecordBuilder.Order).With(order), form);

        Assert.That(inside.Composition.GetProperty("encounter").GetProperty("reference").GetString(), Is.EqualTo(inside.FullUrl("Encounter", "narrative")));
        Assert.That(outside.Composition.TryGetProperty("encounter", out _), Is.False);
    }

    [Test]
    public async Task Everything_in_a_document_is_reachable_from_its_composition()
    {
        var package = await BuiltPackage.Of(
            new RecordBuilder().With(OddBodies.All).With("""{"resourceType":"Practitioner","id":"alone"}""", """{"resourceType":"Location","id":"lost"}"""),
            PackageForm.Document);
        var entries = package.Entries.ToDictionary(e => e.GetProperty("fullUrl").GetString()!);
        var reached = new HashSet<string>();
        var follow = new Queue<string>([package.Entries[0].GetProperty("fullUrl").GetString()!]);
        while (follow.TryDequeue(out string? url))
        {
            if (!reached.Add(url)) continue;
            foreach (string reference in BuiltPackage.References(entries[url]))
            {
                string absolute = (reference.Contains(':') ? reference : $"{RecordBuilder.Ehr}/{reference}").Split("/_history/")[0];
                if (entries.ContainsKey(absolute)) follow.Enqueue(absolute);
            }
        }

        // R4 lets the Provenance of a document stand beside what its Composition leads to.
        Assert.That(entries.Keys.Except(reached).Select(url => BuiltPackage.Resource(entries[url]).GetProperty("resourceType").GetString()), Is.EqualTo(new[] { "Provenance" }));
    }

    [Test]
    public async Task The_device_is_absent_when_nobody_names_it()
    {
        string order = RecordBuilder.Order.Trim().Replace("\"authoredOn\"", "\"requester\":{\"reference\":\"Patient/p\"},\"authoredOn\"");
        var package = await BuiltPackage.Of(new RecordBuilder().Without(RecordBuilder.Order).With(order), PackageForm.Document);

        Assert.That(package.Entries.Select(e => BuiltPackage.Resource(e).GetProperty("resourceType").GetString()), Has.None.EqualTo("Device"));
    }
}
