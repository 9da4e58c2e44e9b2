using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>What the package's narrative reads of a Patient.</summary>
public sealed record PatientView
{
    public string? Id { get; init; }
    public IReadOnlyList<HumanNameView> Name { get; init; } = [];
    public string? Gender { get; init; }

    /// <summary>As written: a year, a month or a day.</summary>
    public string? BirthDate { get; init; }

    /// <summary>As written; null when not told, see <see cref="Deceased"/>.</summary>
    public string? DeceasedOn { get; init; }
    public bool Deceased { get; init; }

    /// <exception cref="Errors.FhirFormatException">Not a Patient, or an element read here has the wrong JSON shape; the path names it.</exception>
    public static PatientView Read(RawResource resource)
    {
        var e = ElementReader.Open(resource, "Patient");
        IReadOnlyList<HumanNameView> name = [];
        string? gender = null;
        string? birthDate = null;
        string? deceasedOn = null;
        bool? deceasedFlag = null;
        while (e.Next())
        {
            if (e.Is("name"u8)) name = HumanNameView.List(ref e);
            else if (e.Is("gender"u8)) gender = e.Text();
            else if (e.Is("birthDate"u8)) birthDate = e.Text();
            else if (e.Is("deceasedDateTime"u8)) deceasedOn = e.Text();
            else if (e.Is("deceasedBoolean"u8)) deceasedFlag = e.Boolean();
            else e.Skip();
        }

        return new PatientView
        {
            Id = resource.Id,
            Name = name,
            Gender = gender,
            BirthDate = birthDate,
            DeceasedOn = deceasedOn,
            Deceased = deceasedFlag ?? deceasedOn is not null,
        };
    }
}
