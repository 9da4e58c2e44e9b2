using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Gathering;
using ReferralService.Gathering.Plans;
using ReferralService.Intake;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering.Files;

/// <summary>An EHR that keeps files beside its FHIR interface, and names that are not what they seem.</summary>
public sealed class FileOriginTests
{
    private const string Token = "ehr-token";

    [Test]
    public async Task Files_beside_the_FHIR_interface_are_fetched_without_the_token_that_the_interface_needs()
    {
        var asked = new List<string>();
        await using var ehr = await EhrAsync("{origin}/storage/x/1?Expires=1&Signature=aSecret", asked);

        await using var record = await GatherAsync(ehr.Origin, [ehr.Origin], null, new LogLines<EgressGuard>());

        Assert.That(Encoding.UTF8.GetString(record.Binary().Data()), Is.EqualTo("scan"));
        Assert.That(asked, Has.One.EqualTo("/storage/x/1 ").And.None.EqualTo($"/storage/x/1 Bearer {Token}"));
        Assert.That(asked, Has.One.EqualTo($"/fhir/DocumentReference Bearer {Token}"));
    }

    [Test]
    [Fault("S26")]
    public async Task Beside_the_FHIR_interface_nobody_is_asked_where_the_operator_does_not_list_the_EHRs_own_origin()
    {
        var asked = new List<string>();
        await using var ehr = await EhrAsync("{origin}/api/FHIR/DSTU2/Observation?patient=other", asked);

        await using var record = await GatherAsync(ehr.Origin, [], null, new LogLines<EgressGuard>());

        Assert.That(asked, Has.None.StartsWith("/api"));
        Assert.That(record.GapLines(), Is.EqualTo(new[] { $"{ehr.Origin}api/FHIR/DSTU2/Observation foreign-origin DocumentReference.content.attachment" }));
    }

    [TestCase("own", "application/json", "application/json", false)]
    [TestCase("own", "text/xml", "application/xml", false)]
    [TestCase("own", "text/plain", "application/problem+json", false)]
    [TestCase("own", "text/plain", "text/plain", true)]
    [TestCase("listed", "application/json", "application/json", true)]
    [TestCase("listed", "application/hl7-v3+xml", "text/xml", true)]
    [TestCase("listed", "application/xml", "application/json", false)]
    [TestCase("listed", "text/plain", "application/json", false)]
    [TestCase("listed", null, "application/x-ndjson", false)]
    [TestCase("listed", "text/plain", "text/html; charset=utf-8", false)]
    [TestCase("listed", null, "text/html", false)]
    [TestCase("listed", "text/html", "text/html", true)]
    [Fault("S26")]
    public async Task An_interfaces_answer_or_a_page_is_no_file(string where, string? declared, string served, bool kept)
    {
        await using var files = await ScriptedServer.StartAsync(http => FileScene.WriteAsync(http, served, "scan"u8.ToArray()));
        await using var ehr = await EhrAsync(where == "own" ? "{origin}/storage/x/1" : $"{files.Origin}x", [], declared, served);

        await using var record = await GatherAsync(ehr.Origin, [ehr.Origin, files.Origin], null, new LogLines<EgressGuard>());

        Assert.That(record.Resources.Any(r => r.Key.Type == "Binary"), Is.EqualTo(kept));
        Assert.That(record.GapLines().Select(l => l.Split(' ')[1]), Is.EqualTo(kept ? Array.Empty<string>() : ["no-content"]));
    }

    [Test]
    [Fault("E11")]
    [Fault("S25")]
    public async Task A_file_servers_name_that_stands_for_a_forbidden_address_is_refused_before_a_connection([Values("127.0.0.1", "169.254.169.254")] string address)
    {
        var asked = new List<string>();
        await using var ehr = await EhrAsync("http://files.example:{port}/x?Signature=aSecret", asked);
        var log = new LogLines<EgressGuard>();

        await using var record = await GatherAsync(
            ehr.Origin, [new Uri($"http://files.example:{ehr.Origin.Port}")], (host, _) => Task.FromResult(new[] { IPAddress.Parse(host == "files.example" ? address : host) }), log);

        Assert.That(record.GapLines(), Is.EqualTo(new[] { $"http://files.example:{ehr.Origin.Port}/x foreign-origin DocumentReference.content.attachment" }));
        Assert.That(asked, Has.None.StartsWith("/x"));
        Assert.That(log.Lines, Has.Some.Contains("files of main").And.None.Contains("files.example").And.None.Contains("aSecret"));
    }

    private static Task<ScriptedServer> EhrAsync(string url, List<string> asked, string? declared = "application/pdf", string served = "application/pdf") => ScriptedServer.StartAsync(http =>
    {
        lock (asked) asked.Add($"{http.Request.Path} {http.Request.Headers.Authorization}");
        var origin = $"http://{http.Request.Host}";
        string written = url.Replace("{origin}", origin, StringComparison.Ordinal).Replace("{port}", $"{http.Request.Host.Port}", StringComparison.Ordinal);
        http.Response.ContentType = http.Request.Path.StartsWithSegments("/fhir") ? "application/fhir+json" : served;
        return http.Response.WriteAsync(http.Request.Path.Value switch
        {
            "/fhir/ServiceRequest/o1" => """{"resourceType":"ServiceRequest","id":"o1","status":"active","intent":"order","subject":{"reference":"Patient/p1"}}""",
            "/fhir/Patient/p1" => """{"resourceType":"Patient","id":"p1"}""",
            "/fhir/DocumentReference" => $$"""{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{{FileScene.Document("d", written, type: declared)}}}]}""",
            "/fhir/metadata" => """{"resourceType":"CapabilityStatement"}""",
            "/storage/x/1" => "scan",
            _ => """{"resourceType":"Bundle","type":"searchset"}""",
        });
    });

    private static async Task<GatheredRecord> GatherAsync(Uri origin, IReadOnlyList<Uri> listed, NameLookup? lookup, LogLines<EgressGuard> log)
    {
        var folder = Directory.CreateTempSubdirectory("gathering-tests");
        try
        {
            var options = new GatheringOptions { SpoolFolder = folder.FullName };
            var ehr = new EhrOptions
            {
                Name = "main", BaseUrl = new Uri(origin, "/fhir"), AttachmentOrigins = listed, Auth = new PartnerAuth { Kind = AuthKind.Bearer, Token = Token },
            };
            using var connections = new EhrConnections(
                new EhrRegistry([ehr]), options, new GetPipelineOptions { FirstDelay = TimeSpan.FromMilliseconds(1) }, new PartnerContacts(), TimeProvider.System, log, lookup);
            var reading = await new OrderReader(connections).ReadAsync("main", "o1", CancellationToken.None);
            var gatherer = new RecordGatherer(connections, new LearnedHabits(null), options, new SpoolFolder(options), PlanBook.Shipped(), TimeProvider.System, NullLogger<RecordGatherer>.Instance);
            var outcome = await gatherer.GatherAsync(((OrderReading.Found)reading).Order, GatherBench.Now, 0, CancellationToken.None);
            Assert.That(outcome, Is.InstanceOf<GatherOutcome.Gathered>());
            return ((GatherOutcome.Gathered)outcome).Record;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
