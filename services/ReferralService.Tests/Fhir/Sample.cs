using System.Text;
using ReferralService.Fhir.Resources;

namespace ReferralService.Tests.Fhir;

/// <summary>Odd but valid resources of people who do not exist, as bytes.</summary>
internal static class Sample
{
    public static ReadOnlyMemory<byte> Utf8(string json) => Encoding.UTF8.GetBytes(json);

    public static RawResource Resource(string json) => RawResource.Read(Utf8(json));

    public static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);

    /// <summary>Primitive extensions, decimals whose digits mean something, escapes, contained resources, every form of reference, uneven white space.</summary>
    public const string Odd = """
        { "resourceType" : "Observation","id":"afp-1",
          "meta": {"versionId":"7", "lastUpdated":"2026-10-01T08:00:00.000+02:00","profile":["http://example.org/StructureDefinition/Patient/1"]},
          "modifierExtension":[{"url":"http://example.org/Patient/9","valueBoolean":false}],
          "extension":[{"url":"http://example.org/x","valueReference":{"reference":"Device/d-1"}},
                       {"url":"http://example.org/y","valueAttachment":{"contentType":"image/png","url":"Binary/b-1"}}],
          "contained":[{"resourceType":"Specimen","id":"s","subject":{"reference":"Patient\/p-1"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"Patient/p-1\">S\u00e4mple</a></div>"}}],
          "status":"final","_status":{"id":"x"},"code":{"text":"AFP \ud83e\uddea µ"},
          "subject":{"reference":"https://ehr.example.org/fhir/Patient/p-1/_history/3","type":"Patient"},
          "specimen":{"reference":"#s"},"effectiveDateTime":"2026-09-30",
          "basedOn":[ {"display":"none"}, {"reference":"ServiceRequest/sr-1"} ],
          "performer":[{"reference":"Practitioner?identifier=urn:x|1"},{"reference":"urn:uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8"}],
          "valueQuantity":{"value":1.00,"unit":"kU/L"},
          "referenceRange":[{"low":{"value":0.010},"high":{"value":1e400}}],
          "instantiatesCanonical":"http://example.org/PlanDefinition/1","component":[]
        }
        """;
}
