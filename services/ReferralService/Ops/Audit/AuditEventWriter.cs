using System.Globalization;
using System.Text.Json;
using ReferralService.Ledger;

namespace ReferralService.Ops.Audit;

/// <summary>A delivered package as an AuditEvent by IHE BALP, PrivacyDisclosure.Source (profiles.ihe.net/ITI/BALP): export, disclose; source, recipient, the EHR as custodian, the requester, the patient as authorizer where a Consent permits; patient, order, data.</summary>
internal static class AuditEventWriter
{
    private const string Profile = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source";
    private const string Dcm = "http://dicom.nema.org/resources/ontology/DCM", Terms = "http://terminology.hl7.org/CodeSystem/", Uri = "urn:ietf:rfc:3986", Us = "ReferralService";
    private const string Confidentiality = Terms + "v3-Confidentiality|";

    /// <param name="self">Where this service is reached, as far as it was told.</param>
    /// <param name="whole">Else of the labels only the confidentiality: what a label or Part 2 tells of a person's health is for those who may read the record.</param>
    public static void Write(Utf8JsonWriter json, DeliveredDisclosure disclosure, Uri? self, bool whole)
    {
        var facts = disclosure.Facts;
        json.WriteStartObject();
        json.WriteString("resourceType", "AuditEvent");
        json.WriteString("id", facts.PackageId.ToString("D"));
        json.WriteStartObject("meta");
        json.WriteStartArray("profile");
        json.WriteStringValue(Profile);
        json.WriteEndArray();
        if (!whole)
        {
            // On each of them, or the mark would tell what it hides.
            json.WriteStartArray("security");
            Coding(json, null, $"{Terms}v3-ObservationValue", "REDACTED", "redacted");
            json.WriteEndArray();
        }

        json.WriteEndObject();
        Coding(json, "type", Dcm, "110106", "Export");
        json.WriteStartArray("subtype");
        Coding(json, null, $"{Terms}iso-21089-lifecycle", "disclose", "Disclose Record Lifecycle Event");
        json.WriteEndArray();
        json.WriteString("action", "R");
        json.WriteString("recorded", disclosure.DeliveredAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        json.WriteString("outcome", "0");
        json.WriteStartArray("purposeOfEvent");
        Concept(json, null, $"{Terms}v3-ActReason", facts.Purpose, facts.Purpose == "TREAT" ? "treatment" : null);
        json.WriteEndArray();
        json.WriteStartArray("agent");
        Agent(json, Dcm, "110153", "Source Role ID", () => Self(json, self), self?.AbsoluteUri ?? Us, requestor: false);
        Agent(json, Dcm, "110152", "Destination Role ID", () => Named(json, facts.Recipient, facts.RecipientBase), facts.RecipientBase, requestor: false);
        Agent(json, "http://snomed.info/sct", "159541003", "Record keeping/library clerk", () => Named(json, facts.Ehr, facts.EhrBase), null, requestor: false);
        if (facts.Requester is { } requester)
            Agent(json, $"{Terms}v3-ParticipationType", "AUT", "author (originator)", () => json.WriteString("reference", requester), null, requestor: true);
        if (facts.ByPatient) Agent(json, "http://snomed.info/sct", "429577009", "Patient Advocate", () => json.WriteString("reference", facts.Patient), null, requestor: false);
        json.WriteEndArray();
        json.WriteStartObject("source");
        json.WriteStartObject("observer");
        Self(json, self);
        json.WriteEndObject();
        json.WriteStartArray("type");
        Coding(json, null, $"{Terms}security-source-type", "4", "Application Server");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("entity");
        Entity(json, ("1", "Person"), ("1", "Patient"), () => json.WriteString("reference", facts.Patient), null);
        Entity(json, ("2", "System Object"), ("4", "Domain Resource"), () => json.WriteString("reference", facts.Order), null);
        Entity(json, ("2", "System Object"), ("3", "Report"), () => Bundle(json, facts), facts, whole);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The audit's source is the agent that disclosed, in the same words (invariant val-audit-source).</summary>
    private static void Self(Utf8JsonWriter json, Uri? self)
    {
        if (self is null) json.WriteString("display", Us);
        else Named(json, Us, self.AbsoluteUri);
    }

    private static void Named(Utf8JsonWriter json, string display, string url)
    {
        json.WriteStartObject("identifier");
        json.WriteString("system", Uri);
        json.WriteString("value", url);
        json.WriteEndObject();
        json.WriteString("display", display);
    }

    private static void Bundle(Utf8JsonWriter json, DisclosureFacts facts)
    {
        json.WriteString("type", "Bundle");
        json.WriteStartObject("identifier");
        json.WriteString("system", Uri);
        json.WriteString("value", $"urn:uuid:{facts.PackageId:D}");
        json.WriteEndObject();
    }

    private static void Agent(Utf8JsonWriter json, string system, string code, string display, Action who, string? address, bool requestor)
    {
        json.WriteStartObject();
        Concept(json, "type", system, code, display);
        json.WriteStartObject("who");
        who();
        json.WriteEndObject();
        json.WriteBoolean("requestor", requestor);
        if (address is not null)
        {
            json.WriteStartObject("network");
            json.WriteString("address", address);
            // network-type: 5 a URI, 1 a machine's name.
            json.WriteString("type", address.Contains("://", StringComparison.Ordinal) ? "5" : "1");
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Entity(Utf8JsonWriter json, (string Code, string Display) type, (string Code, string Display) role, Action what, DisclosureFacts? package, bool whole = false)
    {
        json.WriteStartObject();
        json.WriteStartObject("what");
        what();
        json.WriteEndObject();
        Coding(json, "type", $"{Terms}audit-entity-type", type.Code, type.Display);
        Coding(json, "role", $"{Terms}object-role", role.Code, role.Display);
        if (package is not null) Details(json, package, whole);
        json.WriteEndObject();
    }

    private static void Details(Utf8JsonWriter json, DisclosureFacts facts, bool whole)
    {
        string[] labels = [.. facts.Labels.Where(l => whole || l.StartsWith(Confidentiality, StringComparison.Ordinal))];
        if (labels.Length > 0)
        {
            json.WriteStartArray("securityLabel");
            foreach (var label in labels)
            {
                var bar = label.LastIndexOf('|');
                Coding(json, null, label[..bar], label[(bar + 1)..], null);
            }

            json.WriteEndArray();
        }

        json.WriteStartArray("detail");
        (string Type, string Value)[] details =
        [
            ("referral", facts.Referral.ToString("D")), ("form", facts.Form), ("digest", facts.Digest), ("entries", facts.Entries.ToString(CultureInfo.InvariantCulture)),
            .. whole ? [("part2", facts.Part2 ? "true" : "false")] : Array.Empty<(string, string)>(), .. facts.Consents.Select(c => ("consent", c)),
        ];
        foreach (var (type, value) in details)
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("valueString", value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Concept(Utf8JsonWriter json, string? name, string system, string code, string? display)
    {
        if (name is null) json.WriteStartObject();
        else json.WriteStartObject(name);
        json.WriteStartArray("coding");
        Coding(json, null, system, code, display);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Coding(Utf8JsonWriter json, string? name, string system, string code, string? display)
    {
        if (name is null) json.WriteStartObject();
        else json.WriteStartObject(name);
        json.WriteString("system", system);
        json.WriteString("code", code);
        if (display is not null) json.WriteString("display", display);
        json.WriteEndObject();
    }
}
