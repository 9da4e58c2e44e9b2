using System.Text.Json.Nodes;
using ReferralService.Gathering.Plans;

namespace ReferralService.Tests.Gathering.Plans;

/// <summary>An operator's folder of plans, for one test.</summary>
internal sealed class PlanFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plans-");

    public string FullName => _folder.FullName;

    /// <summary>A small plan of our own that is right in every way.</summary>
    public static JsonObject Plan(string id = "own-plan") => JsonNode.Parse($$"""
        {
          "id": "{{id}}", "version": "1.0.0", "title": "Our own", "status": "active", "review": "Reviewed 2026-11-02 by the department.",
          "sources": [ { "title": "Handbook", "publisher": "The department", "year": 2026, "url": "https://example.org/handbook" } ],
          "includes": [ "core" ],
          "triggers": { "any": [ { "id": "word", "in": [ "code" ], "words": [ "rash" ] } ] },
          "must": [ { "id": "crp", "label": "CRP", "types": [ "Observation" ], "codes": [ { "system": "http://loinc.org", "codes": { "1988-5": "CRP" } } ], "lookBack": "P1Y", "last": 2,
                      "alarms": [ { "id": "high", "label": "high", "limits": [ { "above": 100, "units": [ "mg/L" ] } ] } ] } ],
          "mustNot": [ { "id": "forms", "label": "Forms", "types": [ "DocumentReference" ], "words": [ "form" ] } ],
          "onMissing": "hold"
        }
        """)!.AsObject();

    public PlanFolder With(string file, string text)
    {
        var path = Path.Combine(FullName, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return this;
    }

    public PlanFolder With(JsonObject plan) => With($"{plan["id"]}.json", plan.ToJsonString());

    public (PlanBook Book, List<string> Faults) Load()
    {
        var faults = new List<string>();
        return (PlanBook.Load(FullName, faults), faults);
    }

    /// <summary>The book, which must be without fault.</summary>
    public PlanBook Book()
    {
        var (book, faults) = Load();
        Assert.That(faults, Is.Empty);
        return book;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
