namespace ReferralService.Sandbox.SyntheticPatients;

/// <summary>Who an order asks.</summary>
/// <param name="Id">Of the Organization.</param>
/// <param name="Npi">Its National Provider Identifier; null when it has none.</param>
internal sealed record CasePerformer(string Id, string Name, string? Npi)
{
    public static readonly CasePerformer UrologyEast = new("uro-east", "Urology East, Department of Uro-Oncology", "1234567893");
    public static readonly CasePerformer UrologyWest = new("uro-west", "Urology West, Testicular Cancer Board", "1245319599");

    public static readonly CasePerformer UrologyNorth = new("uro-north", "Urology North, Outpatient Clinic", "1679576722");
    public static readonly CasePerformer UrologySouth = new("uro-south", "Urology South, Day Hospital", "1003000126");

    /// <summary>In nobody's directory.</summary>
    public static readonly CasePerformer Unlisted = new("uro-island", "Island Urology Practice", null);
}

/// <summary>
/// A young man with a testicular mass who asks for a second opinion: months of AFP, beta-hCG and LDH, ultrasound with a PDF, CT, chest X-ray,
/// problems, allergy, medication, insurance, and the order. Invented throughout; the same seed and day give the same bytes.
/// </summary>
internal sealed record SecondOpinionCase
{
    private SecondOpinionCase(IReadOnlyList<SyntheticResource> record, SyntheticResource order, string patientId) => (Record, Order, PatientId) = (record, order, patientId);

    /// <summary>All but the order: what the EHR has before anyone asks.</summary>
    public IReadOnlyList<SyntheticResource> Record { get; }

    /// <summary>The ServiceRequest: writing it to the EHR starts the referral.</summary>
    public SyntheticResource Order { get; }

    public string PatientId { get; }

    /// <summary>What the clinic adds when it is told that it is missing.</summary>
    public IReadOnlyList<SyntheticResource> Later { get; private init; } = [];

    /// <param name="day">Today in the story: everything lies in the months before it.</param>
    public static SecondOpinionCase Create(int seed, DateTimeOffset day, CasePerformer performer)
    {
        var story = Story(seed, day, performer);
        return new SecondOpinionCase(TesticularMass(story), CaseOrder.Of(story), story.Patient);
    }

    /// <summary>The same with what no second opinion needs or may get, among the rest.</summary>
    public static SecondOpinionCase Cluttered(int seed, DateTimeOffset day, CasePerformer performer)
    {
        var story = Story(seed, day, performer);
        return new SecondOpinionCase([.. TesticularMass(story), .. CaseClutter.Of(story)], CaseOrder.Of(story), story.Patient);
    }

    /// <summary>The same with an HIV infection, a depression, and a Consent to everything but HIV.</summary>
    public static SecondOpinionCase Sensitive(int seed, DateTimeOffset day, CasePerformer performer)
    {
        var story = Story(seed, day, performer);
        return new SecondOpinionCase([.. TesticularMass(story), .. CaseSensitive.Of(story)], CaseOrder.Of(story), story.Patient);
    }

    /// <summary>An older man with an elevated PSA, sent on before anybody put the PSA into his record.</summary>
    public static SecondOpinionCase ElevatedPsa(int seed, DateTimeOffset day, CasePerformer performer)
    {
        var story = Story(seed, day, performer, olderBy: 40);
        return new SecondOpinionCase([.. CasePeople.Of(story), .. CasePsa.Of(story)], CasePsa.Order(story), story.Patient) { Later = [CasePsa.Result(story)] };
    }

    private static CaseStory Story(int seed, DateTimeOffset day, CasePerformer performer, int olderBy = 0)
        => new(seed, new DateTimeOffset(day.UtcDateTime.Date, TimeSpan.Zero), performer, olderBy);

    private static List<SyntheticResource> TesticularMass(CaseStory story) => [.. CasePeople.Of(story), .. CaseHistory.Of(story), .. CaseLaboratory.Of(story), .. CaseImaging.Of(story)];
}
