namespace ReferralService.Sandbox.SyntheticPatients;

/// <summary>Who an order asks.</summary>
/// <param name="Id">Of the Organization.</param>
/// <param name="Npi">Its National Provider Identifier; null when it has none.</param>
internal sealed record CasePerformer(string Id, string Name, string? Npi)
{
    public static readonly CasePerformer UrologyEast = new("uro-east", "Urology East, Department of Uro-Oncology", "1234567893");
    public static readonly CasePerformer UrologyWest = new("uro-west", "Urology West, Testicular Cancer Board", "1245319599");

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

    /// <param name="day">Today in the story: everything lies in the months before it.</param>
    public static SecondOpinionCase Create(int seed, DateTimeOffset day, CasePerformer performer)
    {
        var story = new CaseStory(seed, new DateTimeOffset(day.UtcDateTime.Date, TimeSpan.Zero), performer);
        List<SyntheticResource> record = [.. CasePeople.Of(story), .. CaseHistory.Of(story), .. CaseLaboratory.Of(story), .. CaseImaging.Of(story)];
        return new SecondOpinionCase(record, CaseOrder.Of(story), story.Patient);
    }
}
