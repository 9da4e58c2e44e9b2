using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>The few things about a resource that decide whether a plan wants it, read when it comes. Nothing of them is kept longer than the decision.</summary>
internal sealed record RelevanceFacts
{
    public required ResourceKey Key { get; init; }

    public required Topic Topic { get; init; }

    public IReadOnlyList<CodingView> Codes => Topic.Codes;

    public IReadOnlyList<CodingView> Categories => Topic.Categories;

    public IReadOnlyList<string> Texts => Topic.Texts;

    public string? Status { get; init; }

    /// <summary>Its content may still change (R4 observation-status, diagnostic-report-status).</summary>
    public bool IsPreliminary => Status is "registered" or "partial" or "preliminary";
    public IReadOnlyList<string> ClinicalStatus { get; init; } = [];
    public bool EnteredInError { get; init; }

    /// <summary>Null: it has none that can be read.</summary>
    public PlanDate? When { get; init; }

    /// <summary>Values that alarms look at; empty, too, where <see cref="HasUnreadResults"/>.</summary>
    public IReadOnlyList<ResultValue> Results { get; init; } = [];

    /// <summary>It has values that were not read: of thousands of results alarms look at the newest few.</summary>
    public bool HasUnreadResults { get; init; }

    /// <summary>It has a value that limits are held against.</summary>
    public bool HasNumber { get; init; }

    public bool HasComponents { get; init; }

    /// <summary>The laboratory's own judgement of it as a whole; null: none.</summary>
    public Saying? Interpretation { get; init; }

    /// <summary>It carries or points to a file.</summary>
    public bool HasFile { get; init; }

    /// <summary>A file stands in it.</summary>
    public bool HasData { get; init; }

    /// <summary>It points to images.</summary>
    public bool HasImages { get; init; }

    /// <summary>It has identifiers of its own, an accession number maybe.</summary>
    public bool HasIdentifiers { get; init; }
}
