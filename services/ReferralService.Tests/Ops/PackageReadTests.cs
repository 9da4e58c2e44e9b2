using System.Net;
using System.Net.Http.Headers;
using ReferralService.Contracts;
using ReferralService.Ledger;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops;

[TestFixture]
internal sealed class PackageReadTests
{
    private const string Bundle = """{"resourceType":"Bundle","type":"document","odd":1.00,"text":"Grüße ☃ \u0041"}""";

    [Test]
    public async Task The_package_comes_byte_for_byte_with_its_digest_as_tag()
    {
        await using var host = await OpsHost.StartAsync();
        var referral = await host.Ledger.PackagedAsync("123", Bundle);

        using var response = await host.Http.GetAsync(new Uri($"/api/referrals/{referral.Id}/package", UriKind.Relative));

        var body = await response.Content.ReadAsStringAsync();
        Assert.Multiple(() =>
        {
            Assert.That(body, Is.EqualTo(Bundle));
            Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/fhir+json"));
            Assert.That(response.Content.Headers.ContentLength, Is.EqualTo(referral.PackageBytes));
            Assert.That(response.Headers.ETag?.ToString(), Is.EqualTo($"\"{referral.PackageDigest}\""));
            Assert.That(response.Headers.CacheControl?.NoStore, Is.True);
        });
    }

    [Test]
    public async Task A_package_of_many_chunks_comes_whole()
    {
        await using var host = await OpsHost.StartAsync();
        var large = $"{{\"padding\":\"{new string('x', 3 * PackageVault.ChunkBytes + 17)}\"}}";
        var referral = await host.Ledger.PackagedAsync("123", large);

        Assert.That(await host.Http.GetStringAsync(new Uri($"/api/referrals/{referral.Id}/package", UriKind.Relative)), Is.EqualTo(large));
    }

    [TestCase("{0}", HttpStatusCode.NotModified)]
    [TestCase("\"other\", {0}", HttpStatusCode.NotModified)]
    [TestCase("W/{0}", HttpStatusCode.NotModified)]
    [TestCase("*", HttpStatusCode.NotModified)]
    [TestCase("\"other\"", HttpStatusCode.OK)]
    public async Task A_reader_that_has_it_is_not_sent_it_again(string has, HttpStatusCode expected)
    {
        await using var host = await OpsHost.StartAsync();
        var referral = await host.Ledger.PackagedAsync("123", Bundle);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/referrals/{referral.Id}/package");
        request.Headers.TryAddWithoutValidation("If-None-Match", string.Format(null, has, $"\"{referral.PackageDigest}\""));

        using var response = await host.Http.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(expected));
    }

    [Test]
    public async Task The_head_of_a_package_tells_its_size_and_tag_alone()
    {
        await using var host = await OpsHost.StartAsync();
        var referral = await host.Ledger.PackagedAsync("123", Bundle);
        using var request = new HttpRequestMessage(HttpMethod.Head, $"/api/referrals/{referral.Id}/package");

        using var response = await host.Http.SendAsync(request);

        Assert.Multiple(() =>
        {
            Assert.That(response.Content.Headers.ContentLength, Is.EqualTo(referral.PackageBytes));
            Assert.That(response.Headers.ETag, Is.EqualTo(new EntityTagHeaderValue($"\"{referral.PackageDigest}\"")));
        });
    }

    [Test]
    public async Task The_manifest_comes_as_it_was_kept()
    {
        await using var host = await OpsHost.StartAsync();
        var referral = await host.Ledger.PackagedAsync("123", Bundle, manifest: """{"included":[]}""");

        Assert.That(await host.Http.GetStringAsync(new Uri($"/api/referrals/{referral.Id}/manifest", UriKind.Relative)), Is.EqualTo("""{"included":[]}"""));
    }

    [TestCase("package")]
    [TestCase("manifest")]
    public async Task Before_there_is_a_package_there_is_none(string part)
    {
        await using var host = await OpsHost.StartAsync();
        var referral = await host.Ledger.ReceivedAsync("123");

        var (status, body) = await host.Http.ReadAsync($"/api/referrals/{referral.Id}/{part}");

        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(body.Text("code"), Is.EqualTo(ReasonCodes.NoPackage));
        });
    }

    [TestCase("package")]
    [TestCase("manifest")]
    public async Task After_its_time_it_is_gone_and_says_so(string part)
    {
        await using var host = await OpsHost.StartAsync();
        var referral = await host.Ledger.PackagedAsync("123", Bundle);
        await RunAsync(host, "UPDATE referral SET state = 'delivered', due_at = NULL");
        await new PackageRetention(host.Ledger.Database, host.Ledger.Vault).PurgeAsync(host.Ledger.Clock.GetUtcNow().AddDays(1), CancellationToken.None);

        var (status, body) = await host.Http.ReadAsync($"/api/referrals/{referral.Id}/{part}");
        var (_, shown) = await host.Http.ReadAsync($"/api/referrals/{referral.Id}");

        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.Gone));
            Assert.That(body.Text("code"), Is.EqualTo(ReasonCodes.PackagePurged));
            Assert.That(shown.GetProperty("package").GetProperty("digest").GetString(), Is.EqualTo(referral.PackageDigest), "what it was stays known");
            Assert.That(shown.GetProperty("package").TryGetProperty("purgedAt", out _));
        });
    }

    [TestCase("package")]
    [TestCase("manifest")]
    public async Task What_was_damaged_at_rest_is_not_shown(string part)
    {
        await using var host = await OpsHost.StartAsync();
        var referral = await host.Ledger.PackagedAsync("123", Bundle);
        await RunAsync(host, "UPDATE package_chunk SET bytes = zeroblob(length(bytes))");

        var (status, body) = await host.Http.ReadAsync($"/api/referrals/{referral.Id}/{part}");

        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.InternalServerError));
            Assert.That(body.Text("code"), Is.EqualTo(ReasonCodes.VaultDamaged));
        });
    }

    [TestCase("package")]
    [TestCase("manifest")]
    public async Task What_is_under_a_key_that_is_not_here_is_not_shown_and_not_lost(string part)
    {
        await using var host = await OpsHost.StartAsync();
        var referral = await host.Ledger.PackagedAsync("123", Bundle);
        // As another process with that key would have left it.
        await host.Ledger.WithKeys(new VaultKeys([("k1", new byte[32])])).EncryptOldAsync(CancellationToken.None);

        var (status, body) = await host.Http.ReadAsync($"/api/referrals/{referral.Id}/{part}");

        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.InternalServerError));
            Assert.That(body.Text("code"), Is.EqualTo(ReasonCodes.VaultKeyMissing));
        });
    }

    [Test]
    public async Task What_is_found_damaged_halfway_ends_with_a_broken_connection()
    {
        await using var host = await OpsHost.StartAsync();
        var referral = await host.Ledger.PackagedAsync("123", $"{{\"padding\":\"{new string('x', 8 * PackageVault.ChunkBytes)}\"}}");
        await RunAsync(host, "UPDATE package_chunk SET bytes = zeroblob(length(bytes)) WHERE n = 7");

        Assert.That(
            () => host.Http.GetByteArrayAsync(new Uri($"/api/referrals/{referral.Id}/package", UriKind.Relative)), Throws.InstanceOf<HttpRequestException>());
    }

    private static Task<int> RunAsync(OpsHost host, string sql)
        => host.Ledger.Database.WriteAsync(s => s.ExecuteAsync(sql, new Values(), CancellationToken.None), CancellationToken.None);
}
