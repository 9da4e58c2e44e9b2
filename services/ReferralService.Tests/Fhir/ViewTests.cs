using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;

namespace ReferralService.Tests.Fhir;

public sealed class ViewTests
{
    [Test]
    public void A_ServiceRequest_gives_what_the_rooms_read()
    {
        var view = ServiceRequestView.Read(Sample.Resource("""
            {"resourceType":"ServiceRequest","id":"sr-1","meta":{"versionId":"3","lastUpdated":"2026-11-01T00:00:00Z"},
             "_status":{"extension":[{"url":"x","valueCode":"y"}]},"status":"active","intent":"order","priority":"urgent","doNotPerform":true,
             "identifier":[{"system":"urn:x","value":"1","type":{"coding":[{"code":"PLAC"}]}},{"value":"2"}],
             "category":[{"coding":[{"system":"s","code":"c"}]}],"code":{"text":"Second opinion"},
             "reasonCode":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0336","code":"S","display":"Second opinion"}]}],
             "subject":{"reference":"Patient/p","display":"Jane"},"requester":{"identifier":{"system":"npi","value":"9"},"type":"Practitioner"},
             "performer":[{"reference":"Organization/last"},
               {"reference":"Organization/second","extension":[{"url":"other","valueInteger":0},{"url":"http://hl7.org/fhir/StructureDefinition/request-performerOrder","valueInteger":2}]},
               {"reference":"Organization/first","extension":[{"valueInteger":1,"url":"http://hl7.org/fhir/StructureDefinition/request-performerOrder"}]}],
             "supportingInfo":[{"reference":"DiagnosticReport/1"},null],"authoredOn":"2026-11-01","unknown":[[{}]],"quantityQuantity":{"value":1.0}}
            """));

        Assert.Multiple(() =>
        {
            Assert.That((view.Id, view.VersionId, view.Status, view.Intent, view.Priority, view.DoNotPerform, view.AuthoredOn),
                Is.EqualTo(("sr-1", "3", "active", "order", "urgent", true, "2026-11-01")));
            Assert.That(view.Identifier, Is.EqualTo(new[] { new FhirIdentifier("urn:x", "1", "PLAC"), new FhirIdentifier(null, "2") }));
            Assert.That(view.ReasonCode[0].Has("http://terminology.hl7.org/CodeSystem/v2-0336", "S"));
            Assert.That(view.Code!.Label, Is.EqualTo("Second opinion"));
            Assert.That(view.Subject!.Reference!.Value.Key, Is.EqualTo(new ResourceKey("Patient", "p")));
            Assert.That((view.Requester!.Reference, view.Requester.Identifier, view.Requester.Type), Is.EqualTo(((object?)null, new FhirIdentifier("npi", "9"), "Practitioner")));
            Assert.That(view.Performer.Select(p => p.Reference!.Value.Id), Is.EqualTo(new[] { "first", "second", "last" }));
            Assert.That(view.SupportingInfo, Has.Count.EqualTo(1));
        });
    }

    [TestCase("""{"resourceType":"ServiceRequest","id":"1","subject":"Patient/1"}""", "ServiceRequest.subject")]
    [TestCase("""{"resourceType":"ServiceRequest","id":"1","subject":{"reference":{}}}""", "ServiceRequest.subject.reference")]
    [TestCase("""{"resourceType":"ServiceRequest","id":"1","category":{"text":"x"}}""", "ServiceRequest.category")]
    [TestCase("""{"resourceType":"ServiceRequest","id":"1","category":[{"coding":[{"code":"a"},{"code":5}]}]}""", "ServiceRequest.category.coding.code")]
    [TestCase("""{"resourceType":"ServiceRequest","id":"1","doNotPerform":"true"}""", "ServiceRequest.doNotPerform")]
    [TestCase("""{"resourceType":"ServiceRequest","id":"1","performer":[[]]}""", "ServiceRequest.performer")]
    [TestCase("""{"resourceType":"ServiceRequest"}""", "ServiceRequest.id")]
    public void A_wrong_shape_is_named_by_its_path(string json, string path)
    {
        var fault = Assert.Throws<FhirFormatException>(() => ServiceRequestView.Read(Sample.Resource(json)));

        Assert.That((fault!.Code, fault.Path), Is.EqualTo((FormatCode.ElementShape, path)));
    }

    [Test]
    public void A_view_of_another_type_is_refused()
        => Assert.That(Assert.Throws<FhirFormatException>(() => ServiceRequestView.Read(Sample.Resource(Sample.Odd)))!.Code, Is.EqualTo(FormatCode.WrongType));

    [Test]
    public void Capabilities_are_told_per_type()
    {
        var view = CapabilityView.Read(Sample.Resource("""
            {"resourceType":"CapabilityStatement","fhirVersion":"4.0.1","rest":[
              {"mode":"client","resource":[{"type":"Patient","interaction":[{"code":"delete"}]}]},
              {"mode":"server","searchParam":[{"name":"_id","type":"token"}],"interaction":[{"code":"transaction"}],
               "resource":[{"type":"Observation","interaction":[{"code":"read"},{"documentation":"x","code":"search-type"}],"searchParam":[{"type":"date","name":"date"}],
                            "searchInclude":["Observation:subject"],"updateCreate":true},{"type":"Bundle"}]}]}
            """));

        Assert.Multiple(() =>
        {
            Assert.That(view.FhirVersion, Is.EqualTo("4.0.1"));
            Assert.That(view.SystemInteractions, Is.EquivalentTo(new[] { "transaction" }));
            Assert.That(view.Supports("Observation", "search-type") && !view.Supports("Patient", "delete") && !view.Supports("Bundle", "read"));
            Assert.That(view.CanSearch("Observation", "date") && view.CanSearch("Bundle", "_id") && !view.CanSearch("Bundle", "date"));
            Assert.That(view.Resources["Observation"].UpdateCreate && !view.Resources["Observation"].ConditionalCreate);
            Assert.That(view.Resources["Observation"].SearchIncludes, Is.EquivalentTo(new[] { "Observation:subject" }));
        });
    }

    [TestCase("\"valueQuantity\":{\"value\":1.00,\"unit\":\"kU/L\",\"code\":\"x\"}", "1.00 kU/L")]
    [TestCase("\"valueQuantity\":{\"code\":\"mg\",\"comparator\":\"<\",\"value\":0.010}", "<0.010 mg")]
    [TestCase("\"valueQuantity\":{\"value\":1e400}", "1e400")]
    [TestCase("\"valueQuantity\":{\"unit\":\"kU/L\"}", null)]
    [TestCase("\"valueCodeableConcept\":{\"coding\":[{\"code\":\"x\"},{\"display\":\"Positive\"}]}", "x")]
    [TestCase("\"valueString\":\"none seen\"", "none seen")]
    [TestCase("\"valueBoolean\":false", "false")]
    [TestCase("\"valueInteger\":-0", "-0")]
    [TestCase("\"valueRange\":{\"low\":{\"value\":1.0},\"high\":{\"value\":2.50,\"unit\":\"g\"}}", "1.0 – 2.50 g")]
    [TestCase("\"valueRatio\":{\"numerator\":{\"value\":1},\"denominator\":{\"value\":128}}", "1 : 128")]
    [TestCase("\"valueDateTime\":\"2026\"", "2026")]
    [TestCase("\"valuePeriod\":{\"start\":\"2026\"}", "2026 –")]
    [TestCase("\"valueSampledData\":{\"data\":\"1 2 3\"}", null)]
    [TestCase("\"_valueString\":{\"extension\":[]}", null)]
    [TestCase("\"valueset\":{}", null)]
    public void A_value_is_read_with_its_digits_as_written(string element, string? value)
        => Assert.That(ObservationView.Read(Sample.Resource($"{{\"resourceType\":\"Observation\",{element}}}")).Value, Is.EqualTo(value));

    [Test]
    public void Half_a_number_is_never_shown()
        => Assert.That(ObservationView.Read(Sample.Resource($"{{\"resourceType\":\"Observation\",\"valueQuantity\":{{\"value\":{new string('1', 41)}}}}}")).Value, Is.Null);

    [Test]
    public void A_long_text_is_cut_between_characters()
    {
        string text = new string('a', 199) + "\U0001F9EA" + "rest";

        Assert.That(ObservationView.Read(Sample.Resource($"{{\"resourceType\":\"Observation\",\"valueString\":\"{text}\"}}")).Value, Is.EqualTo(new string('a', 199) + "…"));
    }

    [Test]
    public void An_Observation_gives_its_links_and_parts()
    {
        var view = ObservationView.Read(Sample.Resource("""
            {"resourceType":"Observation","id":"bp","status":"final","effectivePeriod":{"end":"2026-02","start":"2026-01"},"issued":"2026-03-01T00:00:00Z",
             "category":[{"coding":[{"code":"vital-signs"}]}],"hasMember":[{"reference":"Observation/2"}],"derivedFrom":[{"reference":"Media/1"}],
             "specimen":{"reference":"Specimen/1"},"performer":[{"reference":"Practitioner/1"}],"subject":{"reference":"Patient/1"},
             "interpretation":[{"coding":[{"code":"H"}]}],
             "component":[{"code":{"text":"Systolic"},"valueQuantity":{"value":120.0,"unit":"mm[Hg]"}},{"code":{"text":"Diastolic"},"dataAbsentReason":{}}]}
            """));

        Assert.Multiple(() =>
        {
            Assert.That((view.Id, view.Effective, view.Issued), Is.EqualTo(("bp", "2026-01", "2026-03-01T00:00:00Z")));
            Assert.That(view.HasMember.Concat(view.DerivedFrom).Concat(view.Performer).Append(view.Specimen!).Append(view.Subject!).Select(r => r.Reference!.Value.Text),
                Is.EqualTo(new[] { "Observation/2", "Media/1", "Practitioner/1", "Specimen/1", "Patient/1" }));
            Assert.That(view.Component.Select(c => (c.Code!.Label, c.Value)), Is.EqualTo(new[] { ("Systolic", "120.0 mm[Hg]"), ("Diastolic", null) }));
            Assert.That(view.Interpretation[0].Label, Is.EqualTo("H"));
        });
    }

    [TestCase("""{"resourceType":"Patient","deceasedBoolean":true}""", true, null)]
    [TestCase("""{"resourceType":"Patient","deceasedDateTime":"2026"}""", true, "2026")]
    [TestCase("""{"resourceType":"Patient","deceasedBoolean":false}""", false, null)]
    [TestCase("""{"resourceType":"Patient"}""", false, null)]
    public void A_patient_may_have_died(string json, bool deceased, string? on)
    {
        var view = PatientView.Read(Sample.Resource(json));

        Assert.That((view.Deceased, view.DeceasedOn), Is.EqualTo((deceased, on)));
    }

    [Test]
    public void A_person_is_called_by_the_official_name()
    {
        var view = PatientView.Read(Sample.Resource("""
            {"resourceType":"Patient","birthDate":"1999","_birthDate":{"extension":[{"url":"x","valueDateTime":"1999-01-01T01:02:03Z"}]},
             "name":[{"use":"old","family":"Before"},{"use":"nickname","text":"Al"},{"use":"official","family":"Test","given":["Alex",null,"B."],"_given":[null,{"id":"x"}],"prefix":["Dr."]}]}
            """));

        Assert.That(HumanNameView.Best(view.Name)!.Display, Is.EqualTo("Dr. Alex B. Test"));
        Assert.That(view.BirthDate, Is.EqualTo("1999"));
    }

    [TestCase("""{"resourceType":"Condition","code":{"text":"Mass"},"onsetDateTime":"2026-01","recordedDate":"2026-02","clinicalStatus":{"coding":[{"code":"active","display":"Active"}]},"subject":{"reference":"Patient/1"}}""", "Mass", "2026-01", "active", "Patient/1")]
    [TestCase("""{"resourceType":"Condition","code":{"text":"Mass"},"recordedDate":"2026-02","onsetAge":{"value":3}}""", "Mass", "2026-02", null, null)]
    [TestCase("""{"resourceType":"MedicationRequest","status":"active","authoredOn":"2026","medicationReference":{"reference":"Medication/1","display":"Ibuprofen"},"subject":{"reference":"Patient/1"}}""", "Ibuprofen", "2026", "active", "Patient/1")]
    [TestCase("""{"resourceType":"Immunization","vaccineCode":{"coding":[{"display":"Tdap"}]},"occurrenceDateTime":"2020-02-02","patient":{"reference":"Patient/1"},"recorded":"2026","status":"completed"}""", "Tdap", "2020-02-02", "completed", "Patient/1")]
    [TestCase("""{"resourceType":"Encounter","type":[{"text":"Visit"}],"period":{"start":"2026-05"},"class":{"code":"AMB"},"status":"finished","subject":{"reference":"Patient/1"}}""", "Visit", "2026-05", "finished", "Patient/1")]
    [TestCase("""{"resourceType":"AllergyIntolerance","category":["food"],"type":"allergy","code":{"text":"Nuts"},"patient":{"reference":"Patient/1"},"recordedDate":"2021"}""", "Nuts", "2021", null, "Patient/1")]
    [TestCase("""{"resourceType":"ImagingStudy","status":"available","started":"2026-03-03","description":"CT abdomen","subject":{"reference":"Patient/1"}}""", "CT abdomen", "2026-03-03", "available", "Patient/1")]
    [TestCase("""{"resourceType":"Procedure","status":"completed","performedPeriod":{"start":"2019"},"code":{"text":"Biopsy"},"category":{"text":"x"}}""", "Biopsy", "2019", "completed", null)]
    [TestCase("""{"resourceType":"DocumentReference","status":"current","date":"2026-01-01T00:00:00Z","type":{"text":"Letter"},"description":"d","content":[{}]}""", "Letter", "2026-01-01T00:00:00Z", "current", null)]
    [TestCase("""{"resourceType":"Coverage","status":"active","beneficiary":{"reference":"Patient/1"},"period":{"end":"2027"}}""", null, "2027", "active", "Patient/1")]
    public void Any_clinical_resource_can_be_told_in_a_line(string json, string? label, string? date, string? status, string? subject)
    {
        var view = SummaryView.Read(Sample.Resource(json));

        Assert.That((view.Label, view.Date, view.Status, view.Subject?.Reference?.Text), Is.EqualTo((label, date, status, subject)));
    }

    [Test]
    public void The_remaining_views_read_their_elements()
    {
        var report = DiagnosticReportView.Read(Sample.Resource("""{"resourceType":"DiagnosticReport","status":"final","effectiveDateTime":"2026","result":[{"reference":"Observation/1"}],"conclusion":"c"}"""));
        var condition = ConditionView.Read(Sample.Resource("""{"resourceType":"Condition","onsetPeriod":{"start":"2025"},"verificationStatus":{"coding":[{"code":"confirmed"}]}}"""));
        var task = TaskView.Read(Sample.Resource("""{"resourceType":"Task","status":"accepted","for":{"reference":"Patient/1"},"groupIdentifier":{"value":"g"},"businessStatus":{"text":"b"},"focus":{"reference":"ServiceRequest/1"}}"""));
        var endpoint = EndpointView.Read(Sample.Resource("""{"resourceType":"Endpoint","status":"active","address":"https://x.example","connectionType":{"code":"hl7-fhir-rest"},"payloadMimeType":["application/fhir+json"]}"""));
        var practitioner = PractitionerView.Read(Sample.Resource("""{"resourceType":"Practitioner","active":false,"name":[{"text":"Dr. Test"}],"identifier":[{"value":"1"}]}"""));
        var role = PractitionerRoleView.Read(Sample.Resource("""{"resourceType":"PractitionerRole","practitioner":{"reference":"Practitioner/1"},"organization":{"reference":"Organization/1"},"specialty":[{"text":"Urology"}],"active":true}"""));
        var organization = OrganizationView.Read(Sample.Resource("""{"resourceType":"Organization","name":"Uro East","partOf":{"reference":"Organization/2"},"identifier":[{"system":"s","value":"v"}]}"""));

        Assert.Multiple(() =>
        {
            Assert.That((report.Status, report.Effective, report.Result[0].Reference!.Value.Id, report.Conclusion), Is.EqualTo(("final", "2026", "1", "c")));
            Assert.That((condition.Onset, condition.VerificationStatus!.Label), Is.EqualTo(("2025", "confirmed")));
            Assert.That((task.Status, task.For!.Reference!.Value.Text, task.GroupIdentifier!.Value.Value, task.BusinessStatus!.Text, task.Focus!.Type),
                Is.EqualTo(("accepted", "Patient/1", "g", "b", "ServiceRequest")));
            Assert.That((endpoint.Address, endpoint.ConnectionType!.Value.Code, endpoint.PayloadMimeType[0]), Is.EqualTo(("https://x.example", "hl7-fhir-rest", "application/fhir+json")));
            Assert.That((practitioner.Active, practitioner.Name[0].Display, practitioner.Identifier[0].Value), Is.EqualTo(((bool?)false, "Dr. Test", "1")));
            Assert.That((role.Active, role.Practitioner!.Type, role.Organization!.Reference!.Value.Id, role.Specialty[0].Label), Is.EqualTo(((bool?)true, "Practitioner", "1", "Urology")));
            Assert.That((organization.Name, organization.PartOf!.Reference!.Value.Id, organization.Identifier[0]), Is.EqualTo(("Uro East", "2", new FhirIdentifier("s", "v"))));
        });
    }
}
