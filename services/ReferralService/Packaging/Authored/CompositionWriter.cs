using System.Buffers;
using System.Text.Json;
using ReferralService.Fhir.Resources;
using ReferralService.Packaging.Sections;

namespace ReferralService.Packaging.Authored;

/// <summary>The referral note: who, when, by whom, and the record in sections (R4 composition.html).</summary>
/// <param name="security">The high-water mark of the whole: in a transaction the Bundle that bears it is not kept.</param>
/// <param name="checklist">What the record plans ask for and what of it is inside; null: nothing to say.</param>
/// <param name="notice">What must be read with it (42 CFR 2.32); null: nothing.</param>
internal sealed class CompositionWriter(
    PackageOrder package, PackageContents contents, IReadOnlyList<Section> sections, IReadOnlyList<ManifestOmission> omitted, IReadOnlyList<CodingView>? security = null, string? notice = null,
    Narrative? checklist = null)
{
    private readonly AuthoredIds _ids = new(package.PackageId);

    public string FullUrl => AuthoredIds.Urn(_ids.Composition);

    public void Write(IBufferWriter<byte> output)
        => AuthoredJson.WriteResource(output, "Composition", _ids.Composition, Summary(), WriteElements, security);

    private Narrative Summary()
    {
        var narrative = new Narrative().Paragraph($"Referral note with {contents.Entries.Count} resources of the record as the EHR gave them.");
        narrative.List(sections.Select(s => $"{s.Kind.Title}: {s.Count}"));
        return omitted.Count == 0 ? narrative : narrative.Paragraph($"Left out or missing: {MissingTable.Distinct(omitted, contents.Ehr).Count}; see the last section.");
    }

    private void WriteElements(Utf8JsonWriter json)
    {
        json.WriteStartObject("identifier");
        AuthoredJson.WriteUrnIdentifier(json, package.Referral.Value);
        json.WriteEndObject();
        json.WriteString("status", "final");
        AuthoredJson.WriteConcept(json, "type", AuthoredJson.Loinc, AuthoredJson.ReferralNote, AuthoredJson.ReferralNoteDisplay);
        AuthoredJson.WriteReference(json, "subject", contents.Patient.FullUrl);
        if (contents.Encounter is { } encounter) AuthoredJson.WriteReference(json, "encounter", encounter.FullUrl);
        json.WriteString("date", AuthoredJson.Instant(package.BuiltAt));
        json.WriteStartArray("author");
        AuthoredJson.WriteReference(json, contents.Requester?.FullUrl ?? AuthoredIds.Urn(_ids.Device));
        json.WriteEndArray();
        json.WriteString("title", AuthoredJson.ReferralNoteDisplay);
        json.WriteStartArray("section");
        if (notice is not null) WriteTold(json, "Notice of confidentiality", new Narrative().Paragraph(notice));
        if (checklist is not null) WriteTold(json, "Checklist", checklist);
        foreach (var section in sections) WriteSection(json, section);
        if (omitted.Count > 0) WriteTold(json, "What is missing", MissingTable.Of(omitted, contents.Ehr));
        json.WriteEndArray();
    }

    private static void WriteSection(Utf8JsonWriter json, Section section)
    {
        json.WriteStartObject();
        json.WriteString("title", section.Kind.Title);
        if (section.Kind.Code is { } code) AuthoredJson.WriteConcept(json, "code", AuthoredJson.Loinc, code, section.Kind.Display);
        AuthoredJson.WriteText(json, SectionNarrative.Of(section));
        json.WriteStartArray("entry");
        for (int i = 0; i < section.Count; i++) AuthoredJson.WriteReference(json, section.EntryAt(i));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A section that a person reads and that leads nowhere.</summary>
    private static void WriteTold(Utf8JsonWriter json, string title, Narrative text)
    {
        json.WriteStartObject();
        json.WriteString("title", title);
        AuthoredJson.WriteText(json, text);
        json.WriteEndObject();
    }
}
