using System.Security.Authentication;
using ReferralService.Contracts;
using ReferralService.Fhir.Errors;
using ReferralService.Gathering;
using ReferralService.Sandbox.Faults;

namespace ReferralService.Tests.Gathering;

/// <summary>Answers that look whole and are not: what did not come is said.</summary>
public sealed class SilentHoleTests
{
    private const string Hole = "Observation?search.Observation incomplete-answer search.Observation";

    [TestCase("\"total\":3", true)]
    [TestCase("\"total\":1", false)]
    [TestCase("\"total\":0", false)]
    public async Task A_server_that_counts_more_than_it_gives_leaves_a_gap(string total, bool gap)
        => Assert.That(await GapsOf($$"""{{total}},"entry":[{"resource":{{GatherBench.Observation("a")}}}]"""), gap ? Does.Contain(Hole) : Is.Empty);

    [TestCase("""{"fullUrl":"https://ehr.example/fhir/Observation/b","search":{"mode":"match"}}""")]
    [TestCase("""{"fullUrl":"https://ehr.example/fhir/Observation/b","resource":null}""")]
    public async Task A_hit_without_its_resource_leaves_a_gap(string hollow)
        => Assert.That(await GapsOf($$"""
            "entry":[{{hollow}},{"resource":{{GatherBench.Observation("a")}}}]
            """), Does.Contain(Hole));

    [Test]
    public async Task A_file_that_came_without_its_content_is_a_gap()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder().Load(
            """{"resourceType":"DocumentReference","id":"d","status":"current","subject":{"reference":"Patient/p1"},"content":[{"attachment":{"contentType":"application/pdf","url":"Binary/b"}}]}""",
            """{"resourceType":"Binary","id":"b","contentType":"application/pdf"}""");

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Not.Contain("Binary/b"));
        Assert.That(record.GapLines(), Is.EqualTo(new[] { "Binary/b no-content DocumentReference.content.attachment" }));
    }

    [Test]
    public void A_handshake_that_broke_off_may_pass_and_a_certificate_that_is_not_to_be_trusted_needs_a_person()
    {
        Assert.Multiple(() =>
        {
            Assert.That(EhrFailure.Of(Tls(new IOException()))!.MayPass, Is.True);
            Assert.That(EhrFailure.Of(Tls(new AuthenticationException()))!.Kind, Is.EqualTo(FailureKind.Misconfigured));
            Assert.That(EhrFailure.Of(Tls(new AuthenticationException()))!.Code, Is.EqualTo(ReasonCodes.Tls));
        });

        static FhirRequestException Tls(Exception cause)
            => new(RequestCode.Tls, RequestProgress.NotSent, null, [], null, new HttpRequestException(HttpRequestError.SecureConnectionError, null, cause));
    }

    private static async Task<IReadOnlyList<string>> GapsOf(string page)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault { Path = "^/Observation", Times = null, Body = $$"""{"resourceType":"Bundle","type":"searchset",{{page}}}""" });

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("Observation/a"));
        return [.. record.GapLines()];
    }
}
