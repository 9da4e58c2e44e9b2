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
    [TestCase("https://ehr.example.org/fhir/Patient/p")]
    [TestCase("https://EHR.example.org:443/fhir/Patient/p")]
    [TestCase("Patient/p/_history/2")]
    public async Task Our_patient_and_what_is_no_patient_pass(string subject)
    {
        string body = $$"""{"resourceType":"Observation","id":"o","status":"final","code":{"text":"a"},"subject":{"reference":"{{subject}}"} }""";
        var package = await BuiltPackage.Of(new RecordBuilder().With(body), PackageForm.Collection);

        Assert.That(package.Raw("Observation", "o"), Is.EqualTo(body));
    }
}
