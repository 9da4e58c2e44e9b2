namespace ReferralService.Sandbox.SyntheticPatients;

/// <summary>Scrotal ultrasound (its PDF inside the report), CT of abdomen and pelvis (its PDF a Binary), chest X-ray; each with its study, the first two with where their images are.</summary>
internal static class CaseImaging
{
    /// <summary>One grey pixel.</summary>
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==";

    public static IEnumerable<SyntheticResource> Of(CaseStory s)
    {
        var finding = $"Hypoechoic, vascular mass of {s.SizeMm} mm in the {s.Side} testis; the other testis is normal.";
        yield return s.Make("Endpoint", $"pacs-{s.Tag}", -400, """
            {
              "status": "active", "name": "Images of Sandbox General",
              "connectionType": { "system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type", "code": "dicom-wado-rs" },
              "payloadType": [ { "text": "DICOM WADO-RS" } ], "payloadMimeType": [ "application/dicom" ], "address": "https://pacs.sandbox.example/wado"
            }
            """);
        yield return Study(s, "us", "US", -11, "Ultrasound of the scrotum", $$""", "endpoint": [ { "reference": "Endpoint/pacs-{{s.Tag}}" } ]""");
        yield return s.Make("Media", $"keyimage-{s.Tag}", -11, $$"""
            { "status": "completed", "subject": {{s.Subject}}, "createdDateTime": "{{s.Local(-11, 9, 5)}}", "bodySite": { "text": "{{s.Side}} testis" },
              "content": { "contentType": "image/png", "data": "{{Png}}", "title": "Key image" } }
            """);
        var pdf = TinyPdf.Write("Ultrasound of the scrotum (invented)", finding, "Suspicious for a germ cell tumour. Markers, staging CT.");
        // Laid out over lines, with a contained resource: what is odd and valid must travel as it is.
        yield return SyntheticResource.Verbatim("DiagnosticReport", $"us-{s.Tag}", s.At(-11, 10), $$"""
            {
              "text": {{CaseStory.Text($"{finding} <a href=\\\"ImagingStudy/usstudy-{s.Tag}\\\">Images</a>")}},
              "contained": [ { "resourceType": "Practitioner", "id": "sono", "name": [ { "text": "Sonographer on duty" } ] } ],
              "status": "final",
              "category": [ { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD" } ] } ],
              "code": {{CaseStory.Loinc("25002-7", "US Scrotum and testicle")}},
              "subject": {{s.Subject}},
              "effectiveDateTime": "{{s.Local(-11, 9)}}",
              "issued": "{{s.Local(-11, 10)}}",
              "performer": [ { "reference": "#sono" } ],
              "resultsInterpreter": [ { "reference": "Practitioner/radiologist-{{s.Tag}}" } ],
              "imagingStudy": [ { "reference": "ImagingStudy/usstudy-{{s.Tag}}" } ],
              "media": [ { "comment": "long axis", "link": { "reference": "Media/keyimage-{{s.Tag}}" } } ],
              "conclusion": "{{finding}}",
              "presentedForm": [ { "contentType": "application/pdf", "data": "{{Convert.ToBase64String(pdf)}}", "title": "Ultrasound of the scrotum" } ]
            }
            """);

        var staging = s.SizeMm > 28 ? $"Two retroperitoneal nodes, {s.SizeMm / 3} and {s.SizeMm / 4} mm, {(s.Left ? "para-aortic" : "interaortocaval")}." : "No enlarged retroperitoneal node.";
        var ctPdf = TinyPdf.Write("CT of abdomen and pelvis with contrast (invented)", staging, "Liver, kidneys and skeleton unremarkable.");
        yield return Study(s, "ct", "CT", -8, "CT abdomen and pelvis with contrast", $$""", "endpoint": [ { "reference": "Endpoint/pacs-{{s.Tag}}" } ]""");
        yield return s.Make("Binary", $"ctpdf-{s.Tag}", -8, $$"""{ "contentType": "application/pdf", "data": "{{Convert.ToBase64String(ctPdf)}}" }""");
        yield return Report(s, "ct", -8, CaseStory.Loinc("36813-4", "CT Abdomen and Pelvis W contrast IV"), staging,
            $$""", "presentedForm": [ { "contentType": "application/pdf", "url": "Binary/ctpdf-{{s.Tag}}", "size": {{ctPdf.Length}}, "title": "CT report" } ]""");

        yield return Study(s, "xr", "DX", -8, "Chest, two views", "");
        yield return Report(s, "xr", -8, CaseStory.Loinc("36643-5", "XR Chest 2 Views"), "No metastasis, no effusion.", "");
    }

    private static SyntheticResource Study(CaseStory s, string name, string modality, int day, string title, string more) => s.Make("ImagingStudy", $"{name}study-{s.Tag}", day, $$"""
        {
          "identifier": [ { "system": "urn:dicom:uid", "value": "urn:oid:2.25.{{100000000 + s.Dice.Next(899999999)}}" } ],
          "status": "available", "modality": [ { "system": "http://dicom.nema.org/resources/ontology/DCM", "code": "{{modality}}" } ],
          "subject": {{s.Subject}}, "started": "{{s.Local(day, 9)}}", "description": "{{title}}", "numberOfSeries": 1, "numberOfInstances": {{2 + s.Dice.Next(400)}}{{more}}
        }
        """);

    private static SyntheticResource Report(CaseStory s, string name, int day, string code, string conclusion, string more) => s.Make("DiagnosticReport", $"{name}-{s.Tag}", day, $$"""
        {
          "text": {{CaseStory.Text(conclusion)}}, "status": "final",
          "category": [ { "coding": [ { "system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD" } ] } ],
          "code": {{code}}, "subject": {{s.Subject}}, "effectiveDateTime": "{{s.Local(day, 9)}}", "issued": "{{s.Local(day, 12)}}",
          "resultsInterpreter": [ { "reference": "Practitioner/radiologist-{{s.Tag}}" } ],
          "imagingStudy": [ { "reference": "ImagingStudy/{{name}}study-{{s.Tag}}" } ], "conclusion": "{{conclusion}}"{{more}}
        }
        """);
}
