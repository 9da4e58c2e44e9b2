using System.Text;
using ReferralService.Gathering;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering.Files;

/// <summary>Files behind plain URLs, as presigned links are.</summary>
public sealed class LinkedFileTests
{
    [Test]
    public async Task A_file_at_a_listed_origin_is_fetched_without_our_token_and_kept_as_a_Binary()
    {
        await using var scene = await FileScene.StartAsync(FileScene.Pdf("%PDF-1.4 scan"));
        string url = $"{scene.Origin}/storage/x/1?Expires=1&Signature=aSecret";
        scene.Bench.Load(FileScene.Document("d", url));

        await using var record = await scene.Bench.RecordAsync();
        var kept = record.Resources.Single(r => r.Key.Type == "Binary");

        Assert.Multiple(() =>
        {
            Assert.That(Encoding.UTF8.GetString(record.Binary().Data()), Is.EqualTo("%PDF-1.4 scan"));
            Assert.That(record.Binary().GetProperty("contentType").GetString(), Is.EqualTo("application/pdf"));
            Assert.That(record.Binary().TryGetProperty("id", out _), Is.False, "R4: an id may not disagree with the fullUrl");
            Assert.That(scene.Asked, Is.EqualTo(new[] { "/storage/x/1?Expires=1&Signature=aSecret application/pdf" }), "no credentials, no cookies");
            Assert.That(kept.Reasons, Is.EqualTo(new[] { new InclusionReason("DocumentReference.content.attachment", "DocumentReference/d") }));
            Assert.That(record.SourceUrl(kept), Is.EqualTo($"{scene.Origin}/storage/x/1"));
            Assert.That(record.GapLines(), Is.Empty);
        });
    }

    [Test]
    [Fault("E11")]
    [Fault("S26")]
    public async Task A_file_at_an_origin_that_is_not_listed_is_never_asked_for()
    {
        await using var scene = await FileScene.StartAsync(FileScene.Pdf("x"), listed: false);
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/storage/x?Signature=aSecret"));

        await using var record = await scene.Bench.RecordAsync();

        Assert.That(scene.Asked, Is.Empty);
        Assert.That(record.GapLines(), Is.EqualTo(new[] { $"{scene.Origin}/storage/x foreign-origin DocumentReference.content.attachment" }));
    }

    [TestCase("http://127.0.0.1.example:{port}/x")]
    [TestCase("https://127.0.0.1:{port}/x")]
    [TestCase("http://user:pw@127.0.0.1:{port}/x")]
    [TestCase("http://127.0.0.1:{port}@elsewhere.example/x")]
    [TestCase("http://127.0.0.1:1/x")]
    [TestCase("http:\\\\\\\\127.0.0.1:{port}/x")]
    [TestCase("ftp://127.0.0.1:{port}/x")]
    [Fault("E11")]
    public async Task Scheme_host_and_port_must_be_those_listed(string url)
    {
        await using var scene = await FileScene.StartAsync(FileScene.Pdf("x"));
        scene.Bench.Load(FileScene.Document("d", url.Replace("{port}", $"{scene.Files.Origin.Port}", StringComparison.Ordinal)));

        await using var record = await scene.Bench.RecordAsync();

        Assert.That(scene.Asked, Is.Empty);
        Assert.That(record.GapLines().Count(), Is.EqualTo(1));
        Assert.That(record.GapLines().Single(), Does.Not.Contain("pw"));
    }

    [Test]
    [Fault("E11")]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = await FileScene.StartAsync(FileScene.Pdf("x"));
        await using var scene = await FileScene.StartAsync(http =>
        {
            http.Response.Redirect($"{elsewhere.Origin}/y");
            return Task.CompletedTask;
        });
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/x"));

        await using var record = await scene.Bench.RecordAsync();

        Assert.That(elsewhere.Asked, Is.Empty);
        Assert.That(record.GapLines(), Is.EqualTo(new[] { $"{scene.Origin}/x foreign-origin DocumentReference.content.attachment" }));
    }

    [TestCase(401, "forbidden")]
    [TestCase(403, "forbidden")]
    [TestCase(404, "not-found")]
    [TestCase(410, "gone")]
    [TestCase(400, "refused")]
    public async Task A_link_that_is_refused_is_a_gap_and_never_ends_the_gathering(int status, string reason)
    {
        await using var scene = await FileScene.StartAsync(http =>
        {
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/x?sig=aSecret"));

        await using var record = await scene.Bench.RecordAsync();

        Assert.That(record.GapLines(), Is.EqualTo(new[] { $"{scene.Origin}/x {reason} DocumentReference.content.attachment" }));
        Assert.That(scene.Bench.Contacts.Of(PartnerKind.Ehr, "main").Reachable, Is.True, "the EHR has nothing to do with it");
    }

    [Test]
    public async Task A_file_that_breaks_off_is_fetched_again()
    {
        int asked = 0;
        await using var scene = await FileScene.StartAsync(async http =>
        {
            http.Response.ContentType = "application/pdf";
            http.Response.ContentLength = 100_000;
            await http.Response.Body.WriteAsync(new byte[Interlocked.Increment(ref asked) < 3 ? 60_000 : 100_000]);
        });
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/x"));

        await using var record = await scene.Bench.RecordAsync();

        Assert.That(scene.Asked, Has.Count.EqualTo(3));
        Assert.That(record.Binary().Data(), Has.Length.EqualTo(100_000));
    }

    [TestCase("Expires={0}&Signature={0}")]
    [TestCase("Policy={0}&Signature={0}&Key-Pair-Id=k")]
    [TestCase("X-Amz-Algorithm=a&X-Amz-Date={0}&X-Amz-Signature={0}")]
    [TestCase("X-Goog-Date={0}&X-Goog-Signature={0}")]
    [TestCase("sp=r&st={0}&se={0}&spr=https&sv=2026&sr=b&sig={0}")]
    public async Task One_file_under_two_signatures_is_fetched_once_and_both_URLs_lead_to_it(string query)
    {
        await using var scene = await FileScene.StartAsync(FileScene.Pdf("scan"));
        string one = $"{scene.Origin}/storage/x/1?{query.Replace("{0}", "1", StringComparison.Ordinal)}", other = $"{scene.Origin}/storage/x/1?{query.Replace("{0}", "2", StringComparison.Ordinal)}";
        scene.Bench.Load(FileScene.Document("d", one), FileScene.Report("r", other));

        await using var record = await scene.Bench.RecordAsync();
        var kept = record.Resources.Single(r => r.Key.Type == "Binary");

        Assert.That(scene.Asked, Has.Count.EqualTo(1));
        Assert.That(record.Links, Is.EquivalentTo(new Dictionary<string, object> { [one] = kept.Key, [other] = kept.Key }));
    }

    [TestCase("file", "&sig=1")]
    [TestCase("token", "&sig=1")]
    [TestCase("sp", "")]
    public async Task Two_files_that_differ_by_their_query_alone_are_two(string parameter, string more)
    {
        await using var scene = await FileScene.StartAsync(http => FileScene.WriteAsync(http, "application/pdf", Encoding.UTF8.GetBytes(http.Request.Query[parameter]!)));
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/get?{parameter}=first{more}"), FileScene.Document("e", $"{scene.Origin}/get?{parameter}=second{more}"));

        await using var record = await scene.Bench.RecordAsync();

        Assert.That(record.Resources.Where(r => r.Key.Type == "Binary").Select(r => Encoding.UTF8.GetString(record.Json(r).Data())), Is.EquivalentTo(new[] { "first", "second" }));
    }

    [Test]
    public async Task The_same_bytes_under_two_paths_are_kept_once()
    {
        await using var scene = await FileScene.StartAsync(FileScene.Pdf("scan"));
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/a"), FileScene.Report("r", $"{scene.Origin}/b"));

        await using var record = await scene.Bench.RecordAsync();
        var kept = record.Resources.Single(r => r.Key.Type == "Binary");

        Assert.That(record.Links.Values, Is.EqualTo(new[] { kept.Key, kept.Key }));
        Assert.That(kept.Reasons.Select(r => r.From), Is.EquivalentTo(new[] { "DiagnosticReport/r", "DocumentReference/d" }));
    }

    [Test]
    public async Task A_linked_file_has_the_same_id_whenever_it_is_gathered()
    {
        await using var scene = await FileScene.StartAsync(FileScene.Pdf("scan"));
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/a?X-Amz-Signature=one"));
        await using var first = await scene.Bench.RecordAsync();
        scene.Bench.Load(FileScene.Document("d", $"{scene.Origin}/a?X-Amz-Signature=two"));
        await using var second = await scene.Bench.RecordAsync();

        Assert.That(second.Keys(), Is.EqualTo(first.Keys()));
    }

    [TestCase("{origin}/storage/x?sig=aSecret", "{origin}/storage/x foreign-origin")]
    [TestCase("/storage/x?sig=aSecret", "{origin}/storage/x foreign-origin")]
    [TestCase("{origin}/fhir/Patient?name=other", "{origin}/fhir/Patient not-a-resource")]
    [TestCase("{origin}/fhir/Patient/p2/$everything", "{origin}/fhir/Patient/p2/$everything not-a-resource")]
    [TestCase("{origin}/storage/%2e%2e/fhir/Patient?name=other", "{origin}/fhir/Patient not-a-resource")]
    [TestCase("{origin}/storage/..%2ffhir/Patient?name=other", "{origin}/storage/..%2ffhir/Patient not-a-resource")]
    [TestCase("{origin}//fhir/Patient?name=other", "{origin}//fhir/Patient not-a-resource")]
    [TestCase("{origin}/FHIR/Patient?name=other", "{origin}/FHIR/Patient not-a-resource")]
    [Fault("S26")]
    public async Task At_the_EHRs_own_origin_which_is_not_listed_nothing_is_fetched_and_what_is_told_has_no_signature(string url, string gap)
    {
        await using var scene = await FileScene.StartAsync(FileScene.Pdf("x"));
        var origin = new Uri(scene.Bench.Ehr.Base).GetLeftPart(UriPartial.Authority);
        scene.Bench.Load(FileScene.Document("d", url.Replace("{origin}", origin, StringComparison.Ordinal)));

        await using var record = await scene.Bench.RecordAsync();

        Assert.That(record.GapLines(), Is.EqualTo(new[] { $"{gap.Replace("{origin}", origin, StringComparison.Ordinal)} DocumentReference.content.attachment" }));
        Assert.That(scene.Bench.Ehr.Requests.All.Where(r => r.Headers.GetValueOrDefault("Authorization") != "Bearer ehr-token"), Is.Empty);
    }
}
