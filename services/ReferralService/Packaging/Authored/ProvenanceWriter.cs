using System.Buffers;
using System.Text;
using System.Text.Json;
using ReferralService.Fhir.References;
using ReferralService.Ledger;
using ReferralService.Packaging.Withholding;

namespace ReferralService.Packaging.Authored;

/// <summary>Where the package comes from: put together by us, for whom, at whose request, and from which versions of what (R4 provenance.html).</summary>
/// <remarks>
/// One for each package; in a collection, which only carries, only where a notice must be told. It names the Bundle by its identifier, which all forms have, and the Composition where there is one.
/// We are contained in it: a recipient that keeps the entries of a transaction needs no Device of ours for each package.
/// </remarks>
/// <param name="notice">Where there is no Composition to say it, this says what must be read with the content (42 CFR 2.32).</param>
internal sealed class ProvenanceWriter(PackageOrder package, PackageContents contents, string? notice)
{
    private const string Assembler = "assembler", Participant = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";
    private static readonly JsonEncodedText Role = JsonEncodedText.Encode("role"), Source = JsonEncodedText.Encode("source"), What = JsonEncodedText.Encode("what"), Reference = JsonEncodedText.Encode("reference");
    private readonly AuthoredIds _ids = new(package.PackageId);

    public string FullUrl => AuthoredIds.Urn(_ids.Provenance);

    public void Write(IBufferWriter<byte> output) => AuthoredJson.WriteResource(output, "Provenance", _ids.Provenance, Text(), WriteElements);

    private Narrative Text()
    {
        var text = new Narrative().Paragraph($"Put together by software from {contents.Entries.Count} resources of the EHR, as they were at {AuthoredJson.Instant(package.BuiltAt)}.");
        return notice is null ? text : text.Paragraph(notice);
    }

    private void WriteElements(Utf8JsonWriter json)
    {
        WriteContained(json);
        json.WriteStartArray("target");
        WriteBundle(json);
        if (package.Form != PackageForm.Collection) AuthoredJson.WriteReference(json, AuthoredIds.Urn(_ids.Composition));
        json.WriteEndArray();
        json.WriteString("recorded", AuthoredJson.Instant(package.BuiltAt));
        json.WriteStartArray("reason");
        WriteConcept(json, LabelSystems.ActReason, DisclosureScene.Treatment, "treatment");
        json.WriteEndArray();
        AuthoredJson.WriteConcept(json, "activity", "http://terminology.hl7.org/CodeSystem/v3-DataOperation", "CREATE", "create");
        json.WriteStartArray("agent");
        WriteAgent(json, "assembler", "Assembler", $"#{Assembler}", Organization());
        if (contents.Requester is { } requester) WriteAgent(json, "author", "Author", requester.FullUrl, null);
        json.WriteEndArray();
        json.WriteStartArray("entity");
        for (int i = 0; i < contents.Count; i++) WriteSource(json, contents[i]);
        json.WriteEndArray();
    }

    private static void WriteContained(Utf8JsonWriter json)
    {
        json.WriteStartArray("contained");
        json.WriteStartObject();
        json.WriteString("resourceType", "Device");
        json.WriteString("id", Assembler);
        json.WriteStartArray("deviceName");
        json.WriteStartObject();
        json.WriteString("name", DeviceWriter.Name);
        json.WriteString("type", "user-friendly-name");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private void WriteBundle(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Bundle");
        json.WriteStartObject("identifier");
        AuthoredJson.WriteUrnIdentifier(json, package.PackageId);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteAgent(Utf8JsonWriter json, string code, string display, string who, string? onBehalfOf)
    {
        json.WriteStartObject();
        AuthoredJson.WriteConcept(json, "type", Participant, code, display);
        AuthoredJson.WriteReference(json, "who", who);
        if (onBehalfOf is not null) AuthoredJson.WriteReference(json, "onBehalfOf", onBehalfOf);
        json.WriteEndObject();
    }

    /// <summary>The version that was read, where the EHR tells versions.</summary>
    private static void WriteSource(Utf8JsonWriter json, PackageEntry entry)
    {
        var version = entry.Resource.VersionId;
        json.WriteStartObject();
        json.WriteString(Role, Source);
        if (!entry.IsOfTheEhr || entry.MostUrlBytes + (3 * (version?.Length ?? 0)) > AuthoredJson.MostOnStack)
        {
            AuthoredJson.WriteReference(json, "what", version is null ? entry.Source : $"{entry.Source}/_history/{version}");
        }
        else
        {
            Span<byte> url = stackalloc byte[AuthoredJson.MostOnStack];
            int length = entry.WriteSource(url);
            if (version is not null)
            {
                "/_history/"u8.CopyTo(url[length..]);
                length += "/_history/"u8.Length;
                length += Encoding.UTF8.GetBytes(version, url[length..]);
            }

            json.WriteStartObject(What);
            json.WriteString(Reference, url[..length]);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteConcept(Utf8JsonWriter json, string system, string code, string display)
    {
        json.WriteStartObject();
        json.WriteStartArray("coding");
        json.WriteStartObject();
        json.WriteString("system", system);
        json.WriteString("code", code);
        json.WriteString("display", display);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The requester, when it is an organization, else the one it acts for; null when the record does not tell.</summary>
    private string? Organization()
    {
        if (contents.Requester is not { } requester) return null;
        return requester.Resource.Key.Type == "Organization" ? requester.FullUrl : requester.Resource.References
            .Where(r => r is { Site: ReferenceSite.Reference, Path: "organization" })
            .Select(r => contents.Target(r.Text))
            .FirstOrDefault(e => e?.Resource.Key.Type == "Organization")?.FullUrl;
    }
}
