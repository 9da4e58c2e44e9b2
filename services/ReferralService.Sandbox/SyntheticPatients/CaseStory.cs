using System.Globalization;

namespace ReferralService.Sandbox.SyntheticPatients;

/// <summary>What the resources of one case have in common: who, which side, how large, how the markers went.</summary>
internal sealed class CaseStory
{
    private static readonly string[] Given = ["Jörg", "Tomás", "Łukasz", "Étienne", "Søren", "Kenji", "Mateo", "Ibrahim", "Noah", "Yaw"];
    private static readonly string[] Family = ["Probierz-Ångström", "Mustermann", "Ñáñez", "O’Synthetic", "Beispiel", "Vzorek", "Örnek", "Примеров", "見本", "Sample"];

    /// <param name="olderBy">Years beyond a young man's age.</param>
    public CaseStory(int seed, DateTimeOffset day, CasePerformer performer, int olderBy = 0)
    {
        Dice = new Seeded(seed);
        (Day, Performer, Tag) = (day, performer, $"s{seed}");
        (GivenName, FamilyName) = (Dice.Of(Given), Dice.Of(Family));
        Age = 19 + Dice.Next(16) + olderBy;
        Left = Dice.Next(2) == 0;
        SizeMm = 14 + Dice.Next(24);
        Seminoma = Dice.Next(3) == 0;
        Draws = [.. new[] { -118, -92, -61, -33, -12, -3 }.Skip(Dice.Next(3))];
    }

    public Seeded Dice { get; }

    public DateTimeOffset Day { get; }

    public CasePerformer Performer { get; }

    /// <summary>In every id of the case.</summary>
    public string Tag { get; }

    public string GivenName { get; }

    public string FamilyName { get; }

    public int Age { get; }

    public bool Left { get; }

    public string Side => Left ? "left" : "right";

    public int SizeMm { get; }

    /// <summary>A seminoma raises hCG alone; the others raise AFP too.</summary>
    public bool Seminoma { get; }

    /// <summary>Days of the blood draws, counted from today.</summary>
    public IReadOnlyList<int> Draws { get; }

    public string Patient => $"patient-{Tag}";

    public string Requester => $"role-{Tag}";

    public string Condition => $"mass-{Tag}";

    public string Encounter => $"visit-{Tag}";

    public string Subject => $$"""{ "reference": "Patient/{{Patient}}" }""";

    public DateTimeOffset At(int day, int hour = 8, int minute = 0) => Day.AddDays(day).AddHours(hour).AddMinutes(minute);

    /// <summary>As a dateTime with its offset, the way a clinic two hours east of UTC writes it.</summary>
    public string Local(int day, int hour = 8, int minute = 0) => At(day, hour, minute).ToOffset(TimeSpan.FromHours(2)).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    public string Date(int day) => Day.AddDays(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public SyntheticResource Make(string type, string id, int day, string template) => SyntheticResource.Of(type, id, At(day, 9), template);

    public static string Loinc(string code, string display) => Concept("http://loinc.org", code, display);

    public static string Concept(string system, string code, string display)
        => $$"""{ "coding": [ { "system": "{{system}}", "code": "{{code}}", "display": "{{display}}" } ], "text": "{{display}}" }""";

    public static string Category(string code)
        => $$"""[ { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "{{code}}" } ] } ]""";

    public static string Text(string paragraph)
        => $$"""{ "status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{{paragraph}}</p></div>" }""";

    public static string Number(double value, int decimals) => value.ToString("F" + decimals, CultureInfo.InvariantCulture);
}
