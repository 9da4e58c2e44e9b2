namespace ReferralService.Gathering;

/// <summary>How far what was reached is followed itself.</summary>
internal enum Reach
{
    /// <summary>Nothing of it is followed.</summary>
    End,

    /// <summary>Who and where: only what makes its name complete (a role's person and organization).</summary>
    Support,

    /// <summary>Part of the record: its own results, specimens and images are wanted too.</summary>
    Record,

    /// <summary>The order itself.</summary>
    Order,
}

/// <summary>What is done about a reference.</summary>
internal enum Following
{
    /// <summary>Not fetched and not told: it says whose or by which order something is, or is administrative; the reference itself travels with the body.</summary>
    Pass,

    /// <summary>Not fetched; the manifest says that it was named, unless it is in the record for another reason.</summary>
    Name,

    /// <summary>Fetched; of the target only what makes its name complete.</summary>
    Once,

    /// <summary>Fetched and part of the record: its own references are decided on in turn.</summary>
    Follow,
}

/// <summary>The decision about one element that refers to something.</summary>
/// <param name="Path">As <see cref="Fhir.References.FoundReference.Path"/>.</param>
/// <param name="From">Of what was reached at least this far; of anything less the reference is passed over.</param>
internal sealed record ReferenceEdge(string Type, string Path, Reach From, Following How)
{
    /// <summary>Its code in reasons and gaps: <c>order.requester</c>, <c>DiagnosticReport.result</c>.</summary>
    public string Rule { get; } = From == Reach.Order ? $"order.{Path}" : $"{Type}.{Path}";

    public bool IsFollowed => How is Following.Follow or Following.Once;

    /// <summary>How far the target counts as reached.</summary>
    public Reach To => How == Following.Follow ? Reach.Record : How == Following.Once && From > Reach.Support ? Reach.Support : Reach.End;
}
