using ReferralService.Gathering;
using ReferralService.Ledger;
using ReferralService.Packaging;

namespace ReferralService.Tests.Packaging;

internal sealed class RecordCheckTests
{
    private static async Task<(string Code, string? Path)> Refusal(RecordBuilder record)
    {
        var (bytes, outcome) = await record.BuildAsync(PackageForm.Collection);
        Assert.That(bytes, Is.Empty, "nothing is written");
        var refused = (PackagingOutcome.Impossible)outcome;
        return (refused.Code, refused.Path);
    }

    [Test]
    public async Task Without_its_patient_there_is_no_package()
        => Assert.That(await Refusal(new RecordBuilder().Without(RecordBuilder.Patient)), Is.EqualTo(("record-incomplete", "Patient")));

    [Test]
    public async Task Without_its_order_there_is_no_package()
        => Assert.That(await Refusal(new RecordBuilder().Without(RecordBuilder.Order)), Is.EqualTo(("record-incomplete", "ServiceRequest")));

    [TestCase("Patient/q", TestName = "Another Patient of the EHR")]
    [TestCase("Patient/other/_history/1", TestName = "Another Patient, versioned")]
    [TestCase("https://ehr.example.org/fhir/Patient/other", TestName = "Another Patient, absolute")]
    [TestCase("https://elsewhere.example.org/fhir/Patient/p", TestName = "The same id on another server")]
    public async Task A_resource_about_another_patient_stops_the_package(string subject)
    {
        string body = $$"""{"resourceType":"Observation","id":"o","status":"final","code":{"text":"a"},"subject":{"reference":"{{subject}}"} }""";

        Assert.That(await Refusal(new RecordBuilder().With(body)), Is.EqualTo(("wrong-patient", "Observation.subject")));
    }

    [TestCase("patient", "AllergyIntolerance")]
    [TestCase("beneficiary", "Coverage")]
    public async Task Whoever_a_resource_is_about_by_another_name_counts_too(string element, string type)
    {
        string body = $$"""{"resourceType":"{{type}}","id":"x","{{element}}":{"reference":"Patient/other"} }""";

        Assert.That(await Refusal(new RecordBuilder().With(body)), Is.EqualTo(("wrong-patient", $"{type}.{element}")));
    }

    [Test]
    public async Task An_order_about_another_patient_stops_the_package()
    {
        var record = new RecordBuilder().Without(RecordBuilder.Order).With(RecordBuilder.Order.Trim().Replace("Patient/p", "Patient/other"));

        Assert.That(await Refusal(record), Is.EqualTo(("wrong-patient", "ServiceRequest.subject")));
    }

    [Test]
    public async Task A_second_Patient_stops_the_package()
        => Assert.That(await Refusal(new RecordBuilder().With("""{"resourceType":"Patient","id":"q"}""")), Is.EqualTo(("wrong-patient", "Patient")));

    [Test]
    public async Task A_resource_twice_stops_the_package()
        => Assert.That((await Refusal(new RecordBuilder().With(RecordBuilder.Patient))).Code, Is.EqualTo("package-invalid"));

    [TestCase("Group/g")]
    [TestCase("Device/d")]
    [TestCase("urn:uuid:6a1c0f0e-6f6c-4e4c-8d9c-0d8f0b1f2a3b")]
    [TestCase("Patient?identifier=urn:mrn|1")]
    [TestCase("#p")]
    public async Task A_resource_that_does_not_say_verifiably_whose_it_is_stops_the_package(string subject)
    {
        string body = $$"""{"resourceType":"Observation","id":"o","status":"final","code":{"text":"a"},"subject":{"reference":"{{subject}}"} }""";

        Assert.That(await Refusal(new RecordBuilder().With(body)), Is.EqualTo(("wrong-patient", "Observation.subject")));
    }

    [TestCase("""{"resourceType":"Observation","id":"x","subject":{"reference":"Patient/p"},"contained":[{"resourceType":"Specimen","id":"s","subject":{"reference":"Patient/other"}}]}""", "Observation.contained.subject")]
    [TestCase("""{"resourceType":"Binary","id":"x","contentType":"text/plain","securityContext":{"reference":"Patient/other"},"data":"AAAA"}""", "Binary.securityContext")]
    [TestCase("""{"resourceType":"Group","id":"x","member":[{"entity":{"reference":"Patient/p"}},{"entity":{"reference":"Patient/other"}}]}""", "Group.member.entity")]
    [TestCase("""{"resourceType":"Appointment","id":"x","participant":[{"actor":{"reference":"Patient?identifier=1"}}]}""", "Appointment.participant.actor")]
    [TestCase("""{"resourceType":"RelatedPerson","id":"x","patient":{"reference":"Patient/other"}}""", "RelatedPerson.patient")]
    [TestCase("""{"resourceType":"Bundle","id":"x","type":"document","entry":[{"resource":{"resourceType":"Composition","subject":{"reference":"Patient/other"}}}]}""", "Bundle.entry.resource.subject")]
    public async Task Another_patient_anywhere_in_a_resource_stops_the_package(string body, string path)
        => Assert.That(await Refusal(new RecordBuilder().With(body)), Is.EqualTo(("wrong-patient", path)));

    [TestCase("Patient/mother", null)]
    [TestCase("Patient/other", "Observation.subject")]
    public async Task What_stands_in_the_mothers_record_passes_only_for_the_one_that_was_proved(string subject, string? refused)
    {
        string body = $$"""{"resourceType":"Observation","id":"o","status":"final","code":{"text":"Apgar"},"subject":{"reference":"{{subject}}"},"focus":[{"reference":"Patient/p"}]}""";
        var record = new RecordBuilder().With(body).Excepting(new PatientException(new("Observation", "o"), new("Patient", "mother"), new("RelatedPerson", "mum")));

        var (_, outcome) = await record.BuildAsync(PackageForm.Document);

        Assert.That((outcome as PackagingOutcome.Impossible)?.Path, Is.EqualTo(refused));
    }

    [TestCase("https://ehr.example.org/fhir/Patient/p")]
    [TestCase("https://EHR.example.org:443/fhir/Patient/p")]
    [TestCase("Patient/p/_history/2")]
    public async Task Our_patient_passes_however_it_is_written(string subject)
    {
        string body = $$"""{"resourceType":"Observation","id":"o","status":"final","code":{"text":"a"},"subject":{"reference":"{{subject}}"} }""";
        var package = await BuiltPackage.Of(new RecordBuilder().With(body), PackageForm.Collection);

        Assert.That(package.Raw("Observation", "o"), Is.EqualTo(body));
    }
}
