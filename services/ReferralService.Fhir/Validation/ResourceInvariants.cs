using ReferralService.Fhir.Validation.Definitions;

namespace ReferralService.Fhir.Validation;

/// <summary>Of the resources we write: Composition, Task, AuditEvent; Provenance, Device and MessageHeader have none of their own.</summary>
internal static class ResourceInvariants
{
    public static IReadOnlyList<Invariant> All { get; } =
    [
        // A resource should have a narrative. Every resource but Bundle, Binary and Parameters, which have none.
        new("dom-6", DomainResources(), static e => e.Child("text"u8).Has("div"u8), LintSeverity.Warning),

        // A section must have text, entries or sections; an emptyReason only without entries.
        new("cmp-1", ["Composition.section"], static e => e.Has("text"u8) || e.Has("entry"u8) || e.Has("section"u8)),
        new("cmp-2", ["Composition.section"], static e => !e.Has("emptyReason"u8) || !e.Has("entry"u8)),

        // Modified not before it was authored.
        new("inv-1", ["Task"], static e => !InstantRange.IsSurelyLater(e.Text("authoredOn"u8), e.Text("lastModified"u8))),

        // An entity has a name or a query, not both.
        new("sev-1", ["AuditEvent.entity"], static e => !e.Has("name"u8) || !e.Has("query"u8)),
    ];

    private static string[] DomainResources()
    {
        var r4 = R4Definitions.Shared;
        return [.. r4.Types.Where(t => t.IsResource && r4.Find(t, "text"u8) >= 0).Select(t => System.Text.Encoding.ASCII.GetString(r4.NameOf(t)))];
    }
}
