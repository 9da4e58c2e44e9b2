using System.Buffers;
using System.Text.Json;

namespace ReferralService.Packaging.Authored;

/// <summary>The Task of a transaction: asks for the order to be fulfilled, and lets a resend be recognized by its identifier.</summary>
internal sealed class TaskWriter(PackageOrder package, PackageContents contents)
{
    private readonly AuthoredIds _ids = new(package.PackageId);

    public string FullUrl => AuthoredIds.Urn(_ids.Task);

    public void Write(IBufferWriter<byte> output)
        => AuthoredJson.WriteResource(output, "Task", _ids.Task, new Narrative().Paragraph("Please fulfil the referral; the referral note leads through its record."), WriteElements);

    private void WriteElements(Utf8JsonWriter json)
    {
        json.WriteStartArray("identifier");
        json.WriteStartObject();
        AuthoredJson.WriteUrnIdentifier(json, package.PackageId);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartObject("groupIdentifier");
        AuthoredJson.WriteUrnIdentifier(json, package.Referral.Value);
        json.WriteEndObject();
        json.WriteString("status", "requested");
        json.WriteString("intent", "order");
        AuthoredJson.WriteConcept(json, "code", "http://hl7.org/fhir/CodeSystem/task-code", "fulfill", "Fulfill the focal request");
        AuthoredJson.WriteReference(json, "focus", contents.Order.FullUrl);
        AuthoredJson.WriteReference(json, "for", contents.Patient.FullUrl);
        json.WriteString("authoredOn", AuthoredJson.Instant(package.BuiltAt));
        if (contents.Requester is { } requester) AuthoredJson.WriteReference(json, "requester", requester.FullUrl);
        json.WriteStartArray("input");
        json.WriteStartObject();
        AuthoredJson.WriteConcept(json, "type", AuthoredJson.Loinc, AuthoredJson.ReferralNote, AuthoredJson.ReferralNoteDisplay, "package");
        AuthoredJson.WriteReference(json, "valueReference", AuthoredIds.Urn(_ids.Composition));
        json.WriteEndObject();
        // So that whoever has the Task can reach every entry (delivery proves by that that all of them were stored).
        json.WriteStartObject();
        AuthoredJson.WriteConcept(json, "type", "http://hl7.org/fhir/resource-types", "Provenance", "Provenance", "where it comes from");
        AuthoredJson.WriteReference(json, "valueReference", AuthoredIds.Urn(_ids.Provenance));
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
