using System.Text.Json;
using ReferralService.Fhir.Resources;
using ReferralService.Ledger;
using ReferralService.Packaging;
using ReferralService.Tests.Packaging;

namespace ReferralService.Tests.Gathering.Plans;

/// <summary>The test patient of each plan at an EHR, gathered over HTTP and packaged: what the recipient gets, item by item against the table that a clinician wrote.</summary>
internal sealed class PlanPackageTests
{
    private const string Pdf = "JVBERi0xLjQK";

    private static IEnumerable<PlanCase> Cases() => ShippedPlanTests.Cases();

    [TestCaseSource(nameof(Cases))]
    public async Task The_package_holds_what_the_table_says_and_nothing_else(PlanCase patient)
    {
        var package = await PackageAsync(patient);
        var items = package.Manifest.Included.ToDictionary(i => Key(i.Source), i => string.Join(", ", i.Reasons.Where(r => r.StartsWith("plan:", StringComparison.Ordinal)).Select(r => r["plan:".Length..])));
        var table = patient.Rows.Where(r => r.Expected[0] == '+').ToDictionary(r => Of(r).ToString(), r => r.Expected[2..]);

        Assert.Multiple(() =>
        {
            Assert.That(items.Where(i => i.Value.Length > 0 && !IsNamed(i.Key)).Select(i => $"{i.Key}: {i.Value}"), Is.EquivalentTo(table.Select(t => $"{t.Key}: {t.Value}")));
            Assert.That(items.Keys.Except(table.Keys), Is.EquivalentTo(Beside(patient, table.Keys)), "the order, the Patient, why, and the files of what goes");
            Assert.That(
                package.Entries.Select(BuiltPackage.Resource).Select(r => $"{r.GetProperty("resourceType")}/{r.GetProperty("id")}").Where(key => !IsOurs(key)),
                Is.EquivalentTo(items.Keys), "the Bundle holds what the manifest names");
        });
    }

    [TestCaseSource(nameof(Cases))]
    public async Task What_the_table_leaves_out_is_told_with_its_reason(PlanCase patient)
    {
        var manifest = (await PackageAsync(patient)).Manifest;
        var named = manifest.Omitted.Select(o => $"{o.Reference}: - {o.Reason} {Short(o.Rule)}").ToHashSet();

        // What is never sent is left out where it is found, before any plan is asked.
        named.UnionWith(manifest.Omitted.Where(o => o.Reason is "entered-in-error" or "cancelled").Select(o => $"{o.Reference}: - {o.Reason} {patient.Chosen.Replace(' ', ',')}"));
        var kinds = manifest.Omitted.Where(o => o.Reference.Contains('?')).ToList();

        // What a search did not ask for is told as a kind ("Observation?date=lt…"). A type that no plan names is not asked for at all: then that is what the table says of it.
        var silent = patient.Rows.Where(r => r.Expected[0] == '-' && !named.Contains($"{Of(r)}: {r.Expected}"))
            .Where(r => !kinds.Exists(k => k.Reason == Reason(r) && HasAmongIt(k.Reference, r, manifest.Searches)) && (Reason(r) != "not-relevant" || manifest.Searches.Any(s => s.Type == Of(r).Type)));

        Assert.That(silent.Select(r => $"{Of(r)}: {r.Expected}"), Is.Empty);
    }

    /// <summary>Whether a kind that was not asked for has this row among it. A condition that is not known here holds for none.</summary>
    private static bool HasAmongIt(string kind, PlanCase.Row row, IReadOnlyList<ManifestSearch> searches)
    {
        var (type, conditions) = (kind[..kind.IndexOf('?')], kind[(kind.IndexOf('?') + 1)..].Split('&'));
        var resource = JsonDocument.Parse(row.Json).RootElement;
        return type == Of(row).Type && conditions.All(condition => condition.Split('=') switch
        {
            ["status", var codes] => codes.Split(',').Contains(resource.GetProperty("status").GetString()),
            ["clinical-status", var codes] => codes.Split(',').Contains(Codes(resource.GetProperty("clinicalStatus")).Single()),
            ["date", ['l', 't', .. var day]] => string.CompareOrdinal(resource.GetProperty("effectiveDateTime").GetString(), day) < 0,
            ["code:not-in", "plans"] => !Codes(resource.GetProperty("code")).Intersect(searches.Where(s => s.Type == type).SelectMany(s => AskedFor(s.Query))).Any(),
            _ => false,
        });
    }

    private static IEnumerable<string> Codes(JsonElement concept) => concept.GetProperty("coding").EnumerateArray().Select(c => c.GetProperty("code").GetString()!);

    private static IEnumerable<string> AskedFor(string query)
        => query.Split('&').Where(p => p.StartsWith("code=", StringComparison.Ordinal)).SelectMany(p => p["code=".Length..].Split(',')).Select(token => token.Split('|')[^1]);

    private static string Reason(PlanCase.Row row) => row.Expected.Split(' ')[1];

    [TestCaseSource(nameof(Cases))]
    public async Task The_manifest_has_its_plans_its_checklist_and_its_alarms(PlanCase patient)
    {
        var manifest = (await PackageAsync(patient)).Manifest;

        Assert.Multiple(() =>
        {
            Assert.That(string.Join(' ', manifest.Plan.Select(p => p.Id)), Is.EqualTo(patient.Chosen));
            Assert.That(manifest.Checklist.Select(c => $"{Short(c.Item)} {c.Status}{(c.Date is null ? "" : $" {c.Date}")}{string.Concat(c.Lacks.Select(l => $" lacks {l}"))}"), Is.SupersetOf(patient.Checklist));
            Assert.That(manifest.Alarms.Select(a => $"{Short(a.Rule)} {a.Resource}"), Is.EqualTo(patient.Alarms));
        });
    }

    private static async Task<BuiltPackage> PackageAsync(PlanCase patient)
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder(Elements(patient));
        bench.Load(
            $$"""{"resourceType":"Binary","id":"1","contentType":"application/pdf","data":"{{Pdf}}"}""", $$"""{"resourceType":"Binary","id":"2","contentType":"application/pdf","data":"{{Pdf}}"}""");
        if (Files(patient.Rows.Where(r => r.Expected[0] == '+')).Contains("ImagingStudy/1")) bench.Load(
            """{"resourceType":"ImagingStudy","id":"1","status":"available","subject":{"reference":"Patient/p1"},"description":"Images"}""");
        if (patient.Order.ReasonCondition is [var reason]) bench.Load(Reason(patient, reason));
        bench.Load([.. patient.Rows.Select(r => $"{{\"id\":\"{r.Id}\",{r.Json.TrimStart()[1..]}".Replace("Patient/invented", "Patient/p1", StringComparison.Ordinal))]);
        await using var record = await bench.RecordAsync(now: Make.Now);
        using var output = new MemoryStream();
        var outcome = await new PackageBuilder().BuildAsync(record, RecordBuilder.For(PackageForm.Document), output, CancellationToken.None);
        Assert.That(outcome, Is.InstanceOf<PackagingOutcome.Packaged>());
        return new BuiltPackage(output.ToArray(), (PackagingOutcome.Packaged)outcome);
    }

    private static IEnumerable<string> Beside(PlanCase patient, IEnumerable<string> carried)
        => [.. Files(patient.Rows.Where(r => carried.Contains(Of(r).ToString()))), .. patient.Order.ReasonCondition.Count > 0 ? ["Condition/reason"] : Array.Empty<string>(), "Patient/p1", "ServiceRequest/o1"];

    /// <summary>Files and images that these refer to.</summary>
    private static string[] Files(IEnumerable<PlanCase.Row> rows)
        => [.. new[] { "Binary/1", "Binary/2", "ImagingStudy/1" }.Where(file => rows.Any(r => r.Json.Contains($"\"{file}\"", StringComparison.Ordinal)))];

    private static string Elements(PlanCase patient)
    {
        var elements = new List<string>();
        if (patient.Order.Code is { } code) elements.Add($"\"code\":{Concept(code)}");
        if (patient.Order.PerformerType is { } performer) elements.Add($"\"performerType\":{Concept(performer)}");
        if (patient.Order.ReasonCode.Count > 0) elements.Add($"\"reasonCode\":[{string.Join(',', patient.Order.ReasonCode.Select(Concept))}]");
        if (patient.Order.ReasonCondition.Count > 0) elements.Add("""  "reasonReference":[{"reference":"Condition/reason"}] """);
        return string.Join(',', elements);
    }

    private static string Reason(PlanCase patient, ConceptView what) => $$"""
        {"resourceType":"Condition","id":"reason","clinicalStatus":{"coding":[ {"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"} ] },"code":{{Concept(what)}},
         "subject":{"reference":"Patient/p1"}{{(patient.Order.Diagnosed is { } day ? $",\"onsetDateTime\":\"{day:yyyy-MM-dd}\"" : "")}} }
        """;

    private static string Concept(ConceptView concept)
        => JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            [concept.Codings.Count > 0 ? "coding" : "text"] = concept.Codings.Count > 0 ? concept.Codings.Select(c => new Dictionary<string, string?> { ["system"] = c.System, ["code"] = c.Code }) : concept.Text,
        });

    private static ResourceKey Of(PlanCase.Row row) => new(JsonDocument.Parse(row.Json).RootElement.GetProperty("resourceType").GetString()!, row.Id);

    private static string Key(string source) => string.Join('/', source.Split('/')[^2..]);

    private static string Short(string rule) => rule.StartsWith("plan:", StringComparison.Ordinal) ? rule["plan:".Length..] : rule;

    /// <summary>What something else names, whether a plan wants it by itself or not.</summary>
    private static bool IsNamed(string key) => key is "Condition/reason" or "ImagingStudy/1";

    /// <summary>What packaging writes itself has a UUID.</summary>
    private static bool IsOurs(string key) => Guid.TryParse(key.Split('/')[1], out _);
}
