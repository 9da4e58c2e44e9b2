using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ReferralService.Gathering;
using ReferralService.Intake;
using ReferralService.Ops;
using ReferralService.Ops.Health.Checks;
using ReferralService.RecipientDirectory;
using ReferralService.Tests.Contracts;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops.Health;

internal sealed class HealthCheckTests
{
    [TestCase(500L << 30, 1000L << 30, "ok", null)]
    [TestCase(2L << 30, 1000L << 30, "ok", null, Description = "a tenth of a large volume is no want")]
    [TestCase(1000L << 20, 1000L << 30, "degraded", "disk-low")]
    [TestCase(300L << 20, 2L << 30, "ok", null, Description = "a small volume is not low for being small")]
    [TestCase(150L << 20, 2L << 30, "degraded", "disk-low")]
    [TestCase(100L << 20, 2L << 30, "failed", "disk-full")]
    public void A_disk_is_low_below_a_gibibyte_and_a_tenth_and_full_below_128_mebibytes(long free, long total, string status, string? code)
    {
        var result = DiskCheck.Of(new Volume("ledger", free, total), 0);

        Assert.That((result.Name, result.Status, result.Code), Is.EqualTo(("disk:ledger", status, code)));
    }

    [Test]
    public void Every_code_has_its_place_in_the_runbook()
    {
        var runbook = File.ReadAllText(Path.Combine(ContractFiles.Folder, "..", "docs", "runbook.md"));

        Assert.That(HealthCodes.All.Where(code => !runbook.Contains($"`{code}`", StringComparison.Ordinal)), Is.Empty);
    }

    [TestCase(-1, "certificate-ended")]
    [TestCase(29, "certificate-ends")]
    [TestCase(31, null)]
    public void A_certificate_is_told_of_thirty_days_before_it_ends(int days, string? code)
        => Assert.That(PartnerChecks.Certificate("certificate:ehr:main", TimeSpan.FromDays(days)).Code, Is.EqualTo(code));

    [Test]
    public async Task A_partner_nobody_has_talked_to_is_asked_for_its_metadata_once_in_five_minutes()
    {
        var asked = new List<string>();
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            asked.Add($"{context.Request.Method} {context.Request.Path}");
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        var (clock, contacts) = (new ManualTimeProvider(), new PartnerContacts());
        using var ehrs = new EhrConnections(new EhrRegistry([new EhrOptions { Name = "main", BaseUrl = new Uri(server.Origin, "/fhir") }]), new GatheringOptions(), new GetPipelineOptions(), contacts, clock);
        using var recipients = new RecipientConnections(new RecipientRegistry([]), new GetPipelineOptions(), contacts, clock);
        var look = new PartnerLook(ehrs, recipients, contacts, clock);

        await look.IfSilentAsync(PartnerKind.Ehr, "main", CancellationToken.None);
        await look.IfSilentAsync(PartnerKind.Ehr, "main", CancellationToken.None);
        var within = asked.ToArray();
        clock.Advance(HealthThresholds.ContactAge);
        await look.IfSilentAsync(PartnerKind.Ehr, "main", CancellationToken.None);

        Assert.Multiple(() =>
        {
            Assert.That(within, Is.EqualTo(new[] { "GET /fhir/metadata" }));
            Assert.That(asked, Has.Count.EqualTo(2));
            Assert.That(contacts.Of(PartnerKind.Ehr, "main").Reachable, Is.False);
        });
    }

    [Test]
    public async Task A_partner_that_work_has_talked_to_is_left_alone()
    {
        var asked = 0;
        await using var server = await ScriptedServer.StartAsync(_ =>
        {
            asked++;
            return Task.CompletedTask;
        });
        var (clock, contacts) = (new ManualTimeProvider(), new PartnerContacts());
        using var ehrs = new EhrConnections(new EhrRegistry([]), new GatheringOptions(), new GetPipelineOptions(), contacts, clock);
        using var recipients = new RecipientConnections(
            new RecipientRegistry([new RecipientOptions { Name = "east", BaseUrl = server.Origin }]), new GetPipelineOptions(), contacts, clock);
        contacts.Succeeded(PartnerKind.Recipient, "east", clock.GetUtcNow());

        await new PartnerLook(ehrs, recipients, contacts, clock).IfSilentAsync(PartnerKind.Recipient, "east", CancellationToken.None);

        Assert.That(asked, Is.Zero);
    }

    [Test]
    public async Task Where_we_listen_with_TLS_our_own_certificate_is_looked_at_as_callers_see_it()
    {
        var clock = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        using var certificate = SelfSigned(clock.GetUtcNow().AddDays(10));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        await using var app = builder.Build();
        await app.StartAsync();

        var results = await new OwnCertificateCheck(app.Services.GetRequiredService<IServer>(), clock).CheckAsync(CancellationToken.None);

        Assert.That(results.Select(result => (result.Status, result.Code)), Is.EqualTo(new[] { ("degraded", "certificate-ends") }));
    }

    private static X509Certificate2 SelfSigned(DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(until.AddDays(-60), until);
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
