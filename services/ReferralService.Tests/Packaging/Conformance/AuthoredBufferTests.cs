using System.Buffers;
using ReferralService.Fhir.Validation;
using ReferralService.Ledger;
using ReferralService.Packaging.Conformance;

namespace ReferralService.Tests.Packaging.Conformance;

internal sealed class AuthoredBufferTests
{
    [Test]
    public void What_conforms_comes_out_as_it_was_written()
    {
        byte[] device = """{"resourceType":"Device","id":"d","deviceName":[{"name":"a","type":"user-friendly-name"}]}"""u8.ToArray();

        Assert.That(new AuthoredBuffer().Write(o => o.Write(device)).ToArray(), Is.EqualTo(device));
    }

    [TestCase("""{"resourceType":"Task","intent":"order"}""", "Task.status")]
    [TestCase("""{"resourceType":"Composition","status":"final","type":{"text":"a"},"date":"2026-01-01","author":[{"display":"b"}],"title":"c","section":[{"title":"d"}]}""", "Composition.section[0]")]
    public void What_does_not_is_refused_by_its_path(string resource, string path)
        => Assert.That(
            () => new AuthoredBuffer().Write(o => o.Write(System.Text.Encoding.UTF8.GetBytes(resource))),
            Throws.InstanceOf<AuthoredFaultException>().With.Property("Path").EqualTo(path));

    [Test]
    public async Task The_envelope_of_every_form_keeps_R4s_invariants([Values] PackageForm form)
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(OddBodies.All), form);

        Assert.That(AuthoredCheck.CheckEnvelope(package.Bytes).Findings, Is.Empty);
    }
}
