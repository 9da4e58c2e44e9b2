using System.Text.Json;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.References;

namespace ReferralService.Packaging;

/// <summary>Whether the images of a carried study can be asked for: by its DICOM study UID, at an Endpoint that travels with it.</summary>
/// <param name="Study"><c>ImagingStudy/123</c>.</param>
/// <param name="StudyUid">It says its study UID (an identifier of the system urn:dicom:uid).</param>
/// <param name="Access">The connection types of its Endpoints inside, e.g. <c>dicom-wado-rs</c>. Sorted; empty: how to get the images is not said.</param>
internal sealed record StudyAccess(string Study, bool StudyUid, IReadOnlyList<string> Access)
{
    /// <summary>R4 (ImagingStudy.identifier): the system of a study UID, written urn:oid:1.2.3.</summary>
    private const string DicomUid = "urn:dicom:uid";

    /// <summary>For a person: <c>study UID given, images by dicom-wado-rs</c>.</summary>
    public string Words => $"{(StudyUid ? "study UID given" : "no study UID")}, {(Access.Count > 0 ? $"images by {string.Join(", ", Access)}" : "no address of the images")}";

    public static IReadOnlyList<StudyAccess> Of(CarriedBodies bodies, PackageContents contents)
    {
        var studies = new List<StudyAccess>();
        foreach (var entry in contents.Entries.Where(e => e.Resource.Key.Type == "ImagingStudy"))
        {
            var access = entry.Resource.References
                .Where(r => r is { Site: ReferenceSite.Reference, Path: "endpoint" or "series.endpoint" })
                .Select(r => contents.Target(r.Text))
                .OfType<PackageEntry>().Distinct()
                .Select(endpoint => Connection(bodies, endpoint))
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            using var study = JsonDocument.Parse(bodies.ReadThin(entry.Resource));
            studies.Add(new StudyAccess(entry.Resource.Key.ToString(), HasStudyUid(study.RootElement), access));
        }

        return studies;
    }

    private static bool HasStudyUid(JsonElement study)
        => study.TryGetProperty("identifier", out var identifiers) && identifiers.ValueKind == JsonValueKind.Array
            && identifiers.EnumerateArray().Any(i => i.Text("system") == DicomUid && i.Text("value") is { Length: > 0 });

    /// <summary>A code of R4's list is told as it stands; anything else is a text of the record's and is not.</summary>
    private static string Connection(CarriedBodies bodies, PackageEntry entry)
    {
        using var endpoint = JsonDocument.Parse(bodies.ReadThin(entry.Resource));
        string? code = endpoint.RootElement.TryGetProperty("connectionType", out var type) ? type.Text("code") : null;
        return code is not null && code.Length <= 40 && code.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? code : "another way";
    }
}
