namespace ReferralService.Sandbox.Demo;

/// <summary>A record plan that an operator has written and a clinician has reviewed: without a PSA nothing goes.</summary>
internal sealed class HoldingPlan : IDisposable
{
    public const string Item = "plan:sandbox-psa/psa";

    private const string Json = """
        {
          "id": "sandbox-psa",
          "version": "1.0.0",
          "title": "Elevated PSA, the sandbox clinic's own",
          "status": "active",
          "review": "Reviewed for the demo by nobody real: an invented clinic's plan, to show what a reviewed plan can do.",
          "sources": [ { "title": "The sandbox clinic's house rule", "publisher": "Sandbox General", "year": 2026, "url": "https://sandbox.example/plans" } ],
          "includes": [ "core" ],
          "triggers": { "any": [ { "id": "raised-psa", "in": [ "code", "reasonCode", "reasonReference" ],
            "codes": [ { "system": "http://hl7.org/fhir/sid/icd-10-cm", "below": { "R97.2": "elevated PSA" } } ] } ] },
          "must": [ { "id": "psa", "label": "PSA of the last year", "types": [ "Observation" ],
            "codes": [ { "system": "http://loinc.org", "codes": { "2857-1": "PSA" } } ], "lookBack": "P1Y", "series": true, "staleAfter": "P3M" } ],
          "onMissing": "hold"
        }
        """;

    /// <summary>What <c>Gathering:PlanFolder</c> names.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("referral-demo-plans-").FullName;

    public HoldingPlan() => File.WriteAllText(Path.Combine(Folder, "sandbox-psa.json"), Json);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
