using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ReferralService.Fhir.Bundles;
using ReferralService.Ledger;

namespace ReferralService.Tests.Packaging;

internal sealed class TransactionTests
{
    private const string Holder = """{"resourceType":"DiagnosticReport","id":"h","status":"final","code":{"text":"r"},"subject":{"reference":"Patient/p"},"result":[{"reference":"@"}]}""";
    private const string Target = """{"resourceType":"Observation","id":"o","status":"final","code":{"text":"a"},"subject":{"reference":"Patient/p"}}""";

    private static string Urn(string source)
        => $"urn:uuid:{NameBasedUuid.Create(RecordBuilder.For(PackageForm.Transaction).PackageId, $"{RecordBuilder.Ehr}/{source}"):D}";

    [TestCase("Observation/o", "Observation/o", TestName = "A relative reference into the package becomes the entry's urn")]
    [TestCase("Observation/o/_history/4", "Observation/o", TestName = "A versioned reference into the package becomes the entry's urn")]
    [TestCase("https://ehr.example.org/fhir/Observation/o", "Observation/o", TestName = "An absolute reference into the package becomes the entry's urn")]
    [TestCase("https://EHR.example.org:443/fhir/Observation/o", "Observation/o", TestName = "The EHR's address in other letters leads into the package too")]
    public async Task References_into_the_package_become_urns(string written, string source)
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(Holder.Replace("@", written), Target), PackageForm.Transaction);

        Assert.That(package.Raw("DiagnosticReport", "h"), Is.EqualTo(Holder.Replace("@", Urn(source)).Replace("Patient/p", Urn("Patient/p"))));
        Assert.That(package.FullUrl("Observation", "o"), Is.EqualTo(Urn("Observation/o")));
    }

    [TestCase("Observation/out", "https://ehr.example.org/fhir/Observation/out", TestName = "A relative reference out of the package becomes absolute")]
    [TestCase("Observation/out/_history/2", "https://ehr.example.org/fhir/Observation/out/_history/2", TestName = "Outside, the version stays")]
    [TestCase("Observation?identifier=a|b", "https://ehr.example.org/fhir/Observation?identifier=a|b", TestName = "A conditional reference becomes an address at the EHR")]
    [TestCase("https://other.example.org/fhir/Observation/o", "https://other.example.org/fhir/Observation/o", TestName = "The same id on another server is left alone")]
    [TestCase("urn:oid:1.2.3", "urn:oid:1.2.3", TestName = "A urn is left alone")]
    [TestCase("#inside", "#inside", TestName = "A contained reference is left alone")]
    public async Task References_out_of_the_package_keep_their_meaning(string written, string expected)
    {
        string body = Holder.Replace("\"status\"", "\"contained\":[{\"resourceType\":\"Observation\",\"id\":\"inside\",\"status\":\"final\",\"code\":{\"text\":\"c\"}}],\"status\"");
        var package = await BuiltPackage.Of(new RecordBuilder().With(body.Replace("@", written), Target), PackageForm.Transaction);

        Assert.That(package.Raw("DiagnosticReport", "h"), Is.EqualTo(body.Replace("@", expected).Replace("Patient/p", Urn("Patient/p"))));
    }

    [TestCase("Observation/o/_history/4", true)]
    [TestCase("Observation/o/_history/3", false)]
    public async Task A_reference_to_another_version_than_the_one_carried_leads_to_the_EHR(string written, bool inside)
    {
        string target = Target.Replace("\"status\"", "\"meta\":{\"versionId\":\"4\"},\"status\"");
        var package = await BuiltPackage.Of(new RecordBuilder().With(Holder.Replace("@", written), target), PackageForm.Transaction);

        Assert.That(
            package.Raw("DiagnosticReport", "h"),
            Is.EqualTo(Holder.Replace("@", inside ? Urn("Observation/o") : $"{RecordBuilder.Ehr}/{written}").Replace("Patient/p", Urn("Patient/p"))));
    }

    [Test]
    public async Task A_document_in_the_record_arrives_as_it_was_signed()
    {
        const string Document = """{"resourceType":"Bundle","id":"d","type":"document","entry":[{"fullUrl":"https://ehr.example.org/fhir/Composition/c","resource":{"resourceType":"Composition","id":"c","subject":{"reference":"Patient/p"},"section":[{"entry":[{"reference":"Observation/o"}]}]}}],"signature":{"when":"2026-01-01T00:00:00Z"}}""";
        var package = await BuiltPackage.Of(new RecordBuilder().With(Document, Target), PackageForm.Transaction);

        Assert.That(package.Raw("Bundle", "d"), Is.EqualTo(Document));
    }

    [TestCase("Binary/b", null, TestName = "An attachment in the package")]
    [TestCase("Binary/elsewhere", "https://ehr.example.org/fhir/Binary/elsewhere", TestName = "An attachment at the EHR")]
    [TestCase("files/scan.pdf", "https://ehr.example.org/fhir/files/scan.pdf", TestName = "An attachment that is no resource")]
    [TestCase("https://cdn.example.org/x.pdf?sig=a", "https://cdn.example.org/x.pdf?sig=a", TestName = "An attachment anywhere")]
    public async Task Attachments_are_found_where_they_were(string written, string? expected)
    {
        string body = """{"resourceType":"DocumentReference","id":"d","status":"current","content":[{"attachment":{"url":"@"}}]}""";
        var package = await BuiltPackage.Of(
            new RecordBuilder().With(body.Replace("@", written), """{"resourceType":"Binary","id":"b","contentType":"text/plain"}"""), PackageForm.Transaction);

        Assert.That(package.Raw("DocumentReference", "d"), Is.EqualTo(body.Replace("@", expected ?? Urn("Binary/b"))));
    }

    [Test]
    public async Task Links_of_a_narrative_follow_what_they_name()
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(OddBodies.All[7]), PackageForm.Transaction);

        Assert.That(package.Raw("Encounter", "narrative"), Is.EqualTo(OddBodies.All[7]
            .Replace("Patient/p", Urn("Patient/p")).Replace("Observation/nowhere", $"{RecordBuilder.Ehr}/Observation/nowhere")));
    }

    [Test]
    public void Nothing_but_references_is_changed_whatever_stands_around_them()
    {
        var reference = Gen.Elements("Observation/o", "Patient/p", "Observation/o/_history/9", "Observation/out", "#c", "urn:oid:1.2");
        var text = ArbMap.Default.GeneratorFor<NonNull<string>>().Select(s => JsonSerializer.Serialize(new string([.. s.Get.Where(c => !char.IsSurrogate(c) && c != 0)])));
        var number = Gen.Elements("1.00", "0.010", "-0", "1e5", "123456789012345678901234567890.10");
        var space = Gen.Elements("", " ", "\n\t", "\r\n  ");
        var part =
            from to in reference
            from words in text
            from digits in number
            from gap in space
            select $$"""{{gap}}:{{gap}}{"reference":{{gap}}"<{{to}}>","display":{{words}},{{gap}}"n":{{digits}} }{{gap}}""";
        var body = part.ListOf().Select(parts => string.Concat(parts.Select((p, i) => $",\"e{i}\"{p}")));

        Prop.ForAll(body.ToArbitrary(), middle =>
        {
            string template = $$"""{"resourceType":"Basic","id":"b"{{middle}}}""";
            var package = BuiltPackage.Of(new RecordBuilder().With(Plain(template), Target), PackageForm.Transaction).GetAwaiter().GetResult();
            return package.Raw("Basic", "b") == Rewritten(template);
        }).QuickCheckThrowOnFailure();
    }

    private static readonly string[] Inside = ["Observation/o", "Patient/p"];

    private static string Plain(string template)
        => Inside.Concat(["Observation/o/_history/9", "Observation/out", "#c", "urn:oid:1.2"]).Aggregate(template, (t, r) => t.Replace($"\"<{r}>\"", $"\"{r}\""));

    private static string Rewritten(string template)
    {
        string inside = Inside.Aggregate(template, (t, r) => t.Replace($"\"<{r}>\"", $"\"{Urn(r)}\""))
            .Replace("\"<Observation/o/_history/9>\"", $"\"{Urn("Observation/o")}\"");
        return Plain(inside.Replace("\"<Observation/out>\"", $"\"{RecordBuilder.Ehr}/Observation/out\""));
    }

    [Test]
    public async Task Every_entry_asks_to_be_created_without_conditions()
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(OddBodies.All), PackageForm.Transaction);

        foreach (var entry in package.Entries)
        {
            string type = BuiltPackage.Resource(entry).GetProperty("resourceType").GetString()!;
            Assert.That(entry.GetProperty("request").GetRawText(), Is.EqualTo($$"""{"method":"POST","url":"{{type}}"}"""));
        }
    }

    /// <summary>Delivery proves by these ways that all of a transaction was stored; what they do not reach could never be proved.</summary>
    [Test]
    public async Task From_the_task_every_entry_is_reached_whatever_is_carried()
    {
        var package = await BuiltPackage.Of(
            new RecordBuilder().With([.. OddBodies.All, """{"resourceType":"Provenance","id":"v","target":[{"reference":"Patient/p"}]}""", """{"resourceType":"AuditEvent","id":"a"}"""]), PackageForm.Transaction);
        var entries = package.Entries.ToDictionary(e => e.GetProperty("fullUrl").GetString()!, BuiltPackage.Resource);
        var reached = new HashSet<string>();
        var ways = new Queue<string>([package.Entries[^1].GetProperty("fullUrl").GetString()!]);
        while (ways.TryDequeue(out string? url))
        {
            if (!reached.Add(url)) continue;
            foreach (string reference in BuiltPackage.References(entries[url]).Where(entries.ContainsKey)) ways.Enqueue(reference);
        }

        Assert.That(entries.Keys.Except(reached).Select(u => entries[u].GetProperty("resourceType").GetString()), Is.Empty);
    }

    [Test]
    public async Task Every_resource_keeps_its_id_and_meta()
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(OddBodies.All), PackageForm.Transaction);

        Assert.That(package.Raw("DiagnosticReport", "references"), Does.StartWith(
            """{"resourceType":"DiagnosticReport","id":"references","meta":{"versionId":"7","lastUpdated":"2026-01-01T00:00:00.000+00:00"},"""));
    }

    [Test]
    public async Task The_task_asks_to_fulfil_the_order_and_carries_the_package_id()
    {
        var order = RecordBuilder.For(PackageForm.Transaction);
        var package = await BuiltPackage.Of(new RecordBuilder(), PackageForm.Transaction);
        var task = BuiltPackage.Resource(package.Entries[^1]);
        string Text(params object[] path) => path.Aggregate(task, (e, p) => p is int i ? e[i] : e.GetProperty((string)p)).GetString()!;

        Assert.Multiple(() =>
        {
            Assert.That(Text("resourceType"), Is.EqualTo("Task"));
            Assert.That($"urn:uuid:{Text("id")}", Is.EqualTo(package.Entries[^1].GetProperty("fullUrl").GetString()));
            Assert.That((Text("status"), Text("intent")), Is.EqualTo(("requested", "order")));
            Assert.That(Text("code", "coding", 0, "system"), Is.EqualTo("http://hl7.org/fhir/CodeSystem/task-code"));
            Assert.That(Text("code", "coding", 0, "code"), Is.EqualTo("fulfill"));
            Assert.That(Text("focus", "reference"), Is.EqualTo(package.FullUrl("ServiceRequest", "order")));
            Assert.That(Text("for", "reference"), Is.EqualTo(package.FullUrl("Patient", "p")));
            Assert.That(Text("input", 0, "valueReference", "reference"), Is.EqualTo(package.Entry("Composition").GetProperty("fullUrl").GetString()));
            Assert.That(Text("input", 0, "type", "text"), Is.EqualTo("package"));
            Assert.That(Text("identifier", 0, "system"), Is.EqualTo("urn:ietf:rfc:3986"));
            Assert.That(Text("identifier", 0, "value"), Is.EqualTo($"urn:uuid:{order.PackageId:D}"));
            Assert.That(Text("groupIdentifier", "value"), Is.EqualTo($"urn:uuid:{order.Referral.Value:D}"));
        });
    }
}
