using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>The few things about a resource that decide whether a plan wants it. Nothing of it is kept longer than the decision.</summary>
internal sealed record RelevanceFacts
{
    public required ResourceKey Key { get; init; }

    /// <summary>Of what it is about: code, type, vaccineCode, medicationCodeableConcept, modality, procedureCode.</summary>
    public IReadOnlyList<CodingView> Codes { get; init; } = [];
    public IReadOnlyList<CodingView> Categories { get; init; } = [];

    /// <summary>What people wrote beside those codes: texts and displays of code and category, description.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];
    public string? Status { get; init; }

    /// <summary>Its content may still change (R4 observation-status, diagnostic-report-status).</summary>
    public bool IsPreliminary => Status is "registered" or "partial" or "preliminary";
    public IReadOnlyList<string> ClinicalStatus { get; init; } = [];
    public bool EnteredInError { get; init; }

    /// <summary>Null: it has none that can be read.</summary>
    public PlanDate? When { get; init; }

    /// <summary>Values that alarms look at.</summary>
    public IReadOnlyList<ResultValue> Results { get; init; } = [];

    /// <summary>It carries or points to a file.</summary>
    public bool HasFile { get; init; }

    /// <summary>It points to images.</summary>
    public bool HasImages { get; init; }
}
