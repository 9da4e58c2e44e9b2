using System.Text.Json.Nodes;
using ReferralService.Fhir.Validation;

namespace ReferralService.Tests.Fhir.Validation;

/// <summary>Our verdicts beside those of a validator that nobody here wrote, over official examples, generated patients, and the same broken on purpose.</summary>
/// <remarks>Needs that validator: R4_PEERS names its folder, its packages installed. It reads R4 through other libraries (FHIRPath, StructureDefinitions).</remarks>
[Category("Agreement")]
public sealed class AgreementTests
{
    /// <summary>Rules of theirs on what a Bundle's references lead to and how its addresses fit its resources: no structure, and not this check's.</summary>
    private static readonly HashSet<string> BundleGraph =
        ["ref-unresolved", "ref-relative", "ref-urn", "ref-conditional", "ref-version", "dup-id", "request-url", "fullUrl-id", "fullUrl-missing", "fullUrl-uuid", "fullUrl-absolute", "doc-orphan", "section"];

    /// <summary>Where we know that we differ, and why.</summary>
    private static readonly Dictionary<string, string> Explained = new()
    {
        ["day-not-in-the-calendar"] = "R4's expression lets 30 February pass, its text does not (a date shall be valid): only ours.",
    };

    private string _peers = "";

    [OneTimeSetUp]
    public void Find()
    {
        _peers = Environment.GetEnvironmentVariable("R4_PEERS") ?? "";
        if (!File.Exists(Path.Combine(_peers, "validate.mjs"))) Assert.Ignore("R4_PEERS names no folder with the independent validator (validate.mjs, npm ci done): agreement was not measured.");
    }

    [Test]
    public void On_what_others_wrote_no_verdict_differs()
        => Assert.That(Compare([.. Directory.EnumerateFiles(Path.Combine(_peers, "data"), "*.json", SearchOption.AllDirectories).Order()], f => Path.GetFileName(f)), Is.Empty);

    [Test]
    public void On_what_was_broken_on_purpose_no_verdict_differs_without_a_reason()
    {
        var folder = Directory.CreateTempSubdirectory("breaks");
        try
        {
            string[] names = ["Patient-example", "Observation-example", "Observation-f001", "ServiceRequest-example", "DiagnosticReport-102", "Composition-example", "Provenance-example", "Media-example"];
            foreach (string name in names)
                foreach (var (way, apply) in Breaks.All)
                {
                    var resource = JsonNode.Parse(File.ReadAllText(Path.Combine(_peers, "data/hl7-r4-examples", $"{name}.json")))!.AsObject();
                    if (!apply(resource)) continue;
                    // Where a literal reference leads theirs asks only within a Bundle.
                    if (way == "wrong-target") resource = InBundle(resource);
                    File.WriteAllText(Path.Combine(folder.FullName, $"{way}~{name}.json"), resource.ToJsonString());
                }

            Assert.That(Compare([.. folder.EnumerateFiles().Select(f => f.FullName).Order()], f => Path.GetFileName(f)), Is.Empty);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static JsonObject InBundle(JsonObject resource) => new()
    {
        ["resourceType"] = "Bundle", ["type"] = "collection",
        ["entry"] = new JsonArray(new JsonObject { ["fullUrl"] = $"http://ehr.example.org/{resource["resourceType"]}/{resource["id"]}", ["resource"] = resource }),
    };

    /// <summary>Prints a line for each file, and returns those that differ without a reason.</summary>
    private List<string> Compare(string[] files, Func<string, string> shown)
    {
        var (_, text) = NodeProgram.Run(_peers, ["validate.mjs", "--json", .. files]);
        var counts = new Dictionary<string, int>();
        var differing = new List<string>();
        foreach (var (file, verdict) in files.Zip(JsonNode.Parse(text)!.AsArray()))
        {
            var rules = verdict!["items"]!.AsArray().Where(i => i!["severity"]!.ToString() == "error").Select(i => i!["rule"]!.ToString()).Distinct().ToList();
            var report = AuthoredCheck.Check(File.ReadAllBytes(file), limit: 1000);
            var ours = report.Findings.Where(f => f.Severity == LintSeverity.Error).Select(f => f.Rule ?? f.Code).Distinct().ToList();
            bool bad = rules.Exists(r => !BundleGraph.Contains(r));
            string outcome = (ours.Count > 0, bad) switch { (false, false) => "both good", (true, true) => "both bad", (true, false) => "only ours", _ => "only theirs" };
            string? reason = outcome is "both good" or "both bad" ? null : Explained.GetValueOrDefault(shown(file).Split('~')[0]);
            counts[outcome] = counts.GetValueOrDefault(outcome) + 1;
            TestContext.Out.WriteLine($"{outcome,-12} {shown(file)}  ours: {string.Join(' ', ours)}  theirs: {string.Join(' ', rules)}{(reason is null ? "" : "  " + reason)}");
            if (outcome.StartsWith("only", StringComparison.Ordinal) && reason is null) differing.Add($"{shown(file)}: {outcome}");
        }

        TestContext.Out.WriteLine(string.Join(", ", counts.OrderBy(c => c.Key).Select(c => $"{c.Key} {c.Value}")));
        return differing;
    }
}
