using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>A provision of a Consent: what it permits or denies, and for whom, what and when; those within it are its exceptions.</summary>
public sealed record ConsentProvision
{
    /// <summary>permit, deny; null when it is not said.</summary>
    public string? Type { get; init; }

    /// <summary>Start and end as written; null without a period.</summary>
    public (string? Start, string? End)? Period { get; init; }
    public IReadOnlyList<ConsentActor> Actors { get; init; } = [];
    public IReadOnlyList<ConceptView> Actions { get; init; } = [];
    public IReadOnlyList<CodingView> SecurityLabels { get; init; } = [];
    public IReadOnlyList<CodingView> Purposes { get; init; } = [];
    public IReadOnlyList<CodingView> Classes { get; init; } = [];
    public IReadOnlyList<ConceptView> Codes { get; init; } = [];
    public (string? Start, string? End)? DataPeriod { get; init; }
    public IReadOnlyList<ConsentData> Data { get; init; } = [];
    public IReadOnlyList<ConsentProvision> Provisions { get; init; } = [];

    /// <summary>Names of its elements that are not read (extensions and comments of primitives left aside), and of those that are lists with nothing in them.</summary>
    public IReadOnlyList<string> NotUnderstood { get; init; } = [];

    internal static ConsentProvision? Read(ref ElementReader e)
    {
        if (!e.Enter()) return null;
        var provision = new ConsentProvision();
        var unknown = new List<string>();
        while (e.Next())
        {
            if (e.Is("type"u8)) provision = provision with { Type = e.Text() };
            else if (e.Is("period"u8)) provision = provision with { Period = e.Period() };
            else if (e.Is("actor"u8)) provision = provision with { Actors = Some("actor", e.List(static (ref ElementReader r) => ConsentActor.Read(ref r))) };
            else if (e.Is("action"u8)) provision = provision with { Actions = Some("action", e.Concepts()) };
            else if (e.Is("securityLabel"u8)) provision = provision with { SecurityLabels = Some("securityLabel", e.Codings()) };
            else if (e.Is("purpose"u8)) provision = provision with { Purposes = Some("purpose", e.Codings()) };
            else if (e.Is("class"u8)) provision = provision with { Classes = Some("class", e.Codings()) };
            else if (e.Is("code"u8)) provision = provision with { Codes = Some("code", e.Concepts()) };
            else if (e.Is("dataPeriod"u8)) provision = provision with { DataPeriod = e.Period() };
            else if (e.Is("data"u8)) provision = provision with { Data = Some("data", e.List(static (ref ElementReader r) => ConsentData.Read(ref r))) };
            else if (e.Is("provision"u8)) provision = provision with { Provisions = e.List(static (ref ElementReader r) => Read(ref r)) };
            else if (e.Is("id"u8) || e.Is("extension"u8)) e.Skip();
            else
            {
                unknown.Add(e.Name());
                e.Skip();
            }
        }

        return provision with { NotUnderstood = unknown };

        // A condition that is written and names nothing is not the same as none.
        IReadOnlyList<T> Some<T>(string name, IReadOnlyList<T> values)
        {
            if (values.Count == 0) unknown.Add(name);
            return values;
        }
    }
}

/// <summary>Who a provision is about, and as what.</summary>
public sealed record ConsentActor(ConceptView? Role, ReferenceView? Reference)
{
    internal static ConsentActor? Read(ref ElementReader e)
    {
        if (!e.Enter()) return null;
        ConceptView? role = null;
        ReferenceView? reference = null;
        while (e.Next())
        {
            if (e.Is("role"u8)) role = e.Concept();
            else if (e.Is("reference"u8)) reference = e.Reference();
            else e.Skip();
        }

        return new ConsentActor(role, reference);
    }
}

/// <summary>Data a provision is about.</summary>
/// <param name="Meaning">instance, related, dependents, authoredby.</param>
public sealed record ConsentData(string? Meaning, ReferenceView? Reference)
{
    internal static ConsentData? Read(ref ElementReader e)
    {
        if (!e.Enter()) return null;
        string? meaning = null;
        ReferenceView? reference = null;
        while (e.Next())
        {
            if (e.Is("meaning"u8)) meaning = e.Text();
            else if (e.Is("reference"u8)) reference = e.Reference();
            else e.Skip();
        }

        return new ConsentData(meaning, reference);
    }
}
