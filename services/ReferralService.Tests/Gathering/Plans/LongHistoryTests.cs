using ReferralService.Fhir.Resources;
using ReferralService.Gathering;
using ReferralService.Ledger;
using ReferralService.Packaging;
using ReferralService.Sandbox.SyntheticPatients;

namespace ReferralService.Tests.Gathering.Plans;

/// <summary>Ten years in 5,000 resources, of which a urologist needs a few: what is sent against a table written by hand, and a word for everything that is not.</summary>
public sealed class LongHistoryTests
{
    /// <summary>Of each series the numbers that are wanted, 0 the newest. By plan core: current problems and medicines, allergies, what was done and given, the newest of
    /// each vital sign and of smoking, the last three notes. By urology-psa: PSA of ten years, free PSA of three, the newest creatinines and urinalysis, two MRI, the studies
    /// of three years, pathology of any age. By reference: referrer, specimens, grades.</summary>
    private static readonly (string Series, int Wanted)[] Table =
    [
        ("Condition/problem", 6), ("AllergyIntolerance/allergy", 3), ("MedicationRequest/medicine", 8), ("Procedure/procedure", 60), ("Immunization/vaccine", 40), ("FamilyMemberHistory/family", 2),
        ("Observation/vital", 5), ("Observation/smoking", 1), ("DocumentReference/note", 3),
        ("Observation/psa", 24), ("Observation/free-psa", 3), ("Observation/creatinine", 2), ("Observation/urine", 1), ("DiagnosticReport/mri", 2), ("ImagingStudy/mri-study", 3),
        ("DiagnosticReport/pathology", 2), ("Specimen/core", 2), ("Observation/grade", 2),
    ];

    [Test]
    public async Task Of_ten_years_the_relevant_part_is_sent_with_its_reasons_and_the_rest_is_told_with_its_own()
    {
        var history = new LongHistory(seed: 11, GatherBench.Now).Record().ToList();
        await using var bench = await GatherBench.StartAsync();
        bench.Ehr.Load(history);

        await using var record = await bench.RecordAsync(LongHistory.Order);
        var outcome = await new PackageBuilder().BuildAsync(
            record, new PackageOrder(new ReferralId(new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)), 1, PackageForm.Document, "uro", new Uri("https://uro.example.org/fhir"), GatherBench.Now), Stream.Null, CancellationToken.None);

        var manifest = ((PackagingOutcome.Packaged)outcome).Manifest;
        string[] wanted = ["Patient/long", $"ServiceRequest/{LongHistory.Order}", "Practitioner/gp-long", .. Table.SelectMany(t => Enumerable.Range(0, t.Wanted).Select(i => $"{t.Series}-{i}"))];
        var included = manifest.Included.Select(i => i.Source[(record.EhrBase.Length + 1)..]).ToHashSet();
        var told = manifest.Omitted.Select(o => o.Reference).ToHashSet();
        TestContext.Out.WriteLine($"{history.Count} resources at the EHR, {record.Searches.Sum(s => s.Found)} read in {record.Searches.Count} searches, {included.Count} included, {manifest.Omitted.Count} rows of what was left out");
        Assert.Multiple(() =>
        {
            Assert.That(history, Has.Count.EqualTo(LongHistory.Count));
            Assert.That(history.Select(h => h.Key), Is.Unique);
            Assert.That(included.Order(StringComparer.Ordinal), Is.EqualTo(wanted.Order(StringComparer.Ordinal)));
            Assert.That(manifest.Included.Where(i => !i.Reasons.Any(IsReason)).Select(i => i.Source), Is.Empty, "included without a reason beyond that it was found");
            Assert.That(history.Select(h => (h.Key, Body: h)).Where(h => !included.Contains(h.Key) && !told.Contains(h.Key) && !LeftOutByItsSearch(h.Body, told)).Select(h => h.Key), Is.Empty, "left out without a word");
            Assert.That(manifest.Omitted.Where(o => o.Reference == "DiagnosticReport/mri-2").Select(o => o.Reason), Is.EqualTo(new[] { "beyond-last-n" }));
            Assert.That(manifest.Omitted.Where(o => o.Reference == "Observation/lab-0").Select(o => o.Reason), Is.EqualTo(new[] { "not-relevant" }));
        });
    }

    /// <summary>A plan's item, or an edge; that a search found it is no reason.</summary>
    private static bool IsReason(string reason) => !reason.StartsWith("search.", StringComparison.Ordinal);

    /// <summary>It was not read at all: then a row of its search says which ones were not asked for.</summary>
    private static bool LeftOutByItsSearch(SyntheticResource resource, HashSet<string> told)
    {
        var facts = ClinicalFacts.Read(RawResource.Read(resource.Utf8));
        return resource.Type switch
        {
            "Observation" => told.Contains("Observation?date=lt2024-11-22&code:not-in=plans") && facts.Latest < new DateTimeOffset(2024, 11, 22, 0, 0, 0, TimeSpan.Zero),
            "Condition" => told.Contains("Condition?clinical-status=inactive,remission,resolved") && facts.ClinicalStatus.Contains("resolved"),
            "MedicationRequest" => told.Any(t => t.StartsWith("MedicationRequest?status=", StringComparison.Ordinal) && t.Contains("completed", StringComparison.Ordinal)) && facts.Status == "completed",
            _ => false,
        };
    }
}
