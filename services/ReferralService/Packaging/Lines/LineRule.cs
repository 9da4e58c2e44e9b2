using System.Text;

namespace ReferralService.Packaging.Lines;

/// <summary>From which elements of a type its line is read; in each list the first that is there wins. <c>name[x]</c> stands for R4's choice of types.</summary>
internal sealed class LineRule
{
    private readonly (byte[] Name, bool Choice)[][] _parts;

    /// <summary>A bit for each letter that an element's name begins with: most properties of a resource are told to be of no use by that.</summary>
    private readonly uint _initials;

    private LineRule(string label, string date, string value, string status, string note)
    {
        _parts = [.. new[] { label, date, value, status, note }.Select(Parse)];
        foreach (var (name, _) in _parts.SelectMany(p => p)) _initials |= Initial(name);
    }

    public const int Label = 0, Date = 1, Value = 2, Status = 3, Note = 4, Parts = 5;

    private static readonly LineRule Any = new(
        "code type name title description", "effective[x] performed[x] occurrence[x] date authored created started period issued recorded", "", "status clinicalStatus", "");

    private static readonly Dictionary<string, LineRule> ByType = new(StringComparer.Ordinal)
    {
        ["AllergyIntolerance"] = new("code", "onset[x] recordedDate", "reaction", "clinicalStatus", "criticality"),
        ["Condition"] = new("code", "onset[x] recordedDate", "stage", "clinicalStatus verificationStatus", "severity"),
        ["DiagnosticReport"] = new("code", "effective[x] issued", "conclusion conclusionCode presentedForm", "status", ""),
        ["DocumentReference"] = new("description type content", "date", "content", "docStatus status", ""),
        ["Encounter"] = new("type class", "period", "reasonCode", "status", ""),
        ["ImagingStudy"] = new("description procedureCode modality", "started", "reasonCode", "status", "modality"),
        ["Immunization"] = new("vaccineCode", "occurrence[x]", "", "status", "lotNumber"),
        ["Media"] = new("type content", "created[x] issued", "reasonCode", "status", "modality"),
        ["Medication"] = new("code", "", "form", "status", ""),
        ["MedicationAdministration"] = new("medicationCodeableConcept", "effective[x]", "dosage", "status", ""),
        ["MedicationDispense"] = new("medicationCodeableConcept", "whenHandedOver whenPrepared", "dosageInstruction", "status", ""),
        ["MedicationRequest"] = new("medicationCodeableConcept", "authoredOn", "dosageInstruction", "status", ""),
        ["MedicationStatement"] = new("medicationCodeableConcept", "effective[x] dateAsserted", "dosage", "status", ""),
        ["Observation"] = new("code", "effective[x] issued", "value[x] component dataAbsentReason", "status", "interpretation"),
        ["Procedure"] = new("code", "performed[x]", "outcome", "status", ""),
        ["ServiceRequest"] = new("code category", "authoredOn", "reasonCode", "status", "priority"),
        ["Specimen"] = new("type", "receivedTime", "", "status", ""),
    };

    /// <summary>What the author of an order wrote for whoever takes it.</summary>
    public static LineRule OrderNote { get; } = new("orderDetail", "", "note", "", "");

    public static LineRule For(string type) => ByType.GetValueOrDefault(type, Any);

    /// <summary>Where a property may be used: part and rank (0 the best); false when nowhere at or after <paramref name="part"/>.</summary>
    public bool Uses(ReadOnlySpan<byte> property, ref int part, out int rank)
    {
        rank = -1;
        if ((Initial(property) & _initials) == 0) return false;
        for (; part < Parts; part++)
        {
            var elements = _parts[part];
            for (rank = 0; rank < elements.Length; rank++)
            {
                var (name, choice) = elements[rank];
                if (property.SequenceEqual(name) || (choice && property.StartsWith(name) && char.IsAsciiLetterUpper((char)property[name.Length]))) return true;
            }
        }

        rank = -1;
        return false;
    }

    /// <summary>Letters that differ may have one bit, a letter never two.</summary>
    private static uint Initial(ReadOnlySpan<byte> name) => name.IsEmpty ? 0 : 1u << (name[0] & 31);

    private static (byte[] Name, bool Choice)[] Parse(string elements)
        => [.. elements.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(e => e.EndsWith("[x]", StringComparison.Ordinal) ? (Encoding.ASCII.GetBytes(e[..^3]), true) : (Encoding.ASCII.GetBytes(e), false))];
}
