using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using ReferralService.RecipientDirectory;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Delivery;

/// <summary>Why nothing is said to a recipient is told exactly: an authority of our own signs what is wrong in one way each.</summary>
[Fault("C10")]
internal sealed class DistrustTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Test]
    public async Task An_expired_certificate_is_told_with_its_date()
    {
        var until = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var held = await AskAsync(Certificate("127.0.0.1", until.AddDays(-300), until));

        Assert.Multiple(() =>
        {
            Assert.That(held.Detail!["reason"], Does.StartWith("certificate-expired"));
            Assert.That(held.Detail["validUntil"], Is.EqualTo("2026-01-02T03:04:05Z"));
            Assert.That(held.Message, Does.StartWith("The recipient's certificate has expired"));
        });
    }

    [Test]
    public async Task A_certificate_for_another_host_is_told()
        => Assert.That((await AskAsync(Certificate("elsewhere.example.org", Now.AddDays(-1), Now.AddDays(9)))).Detail!["reason"], Is.EqualTo("wrong-host unknown-authority"));

    [Test]
    public async Task An_authority_that_nobody_knows_is_told()
        => Assert.That((await AskAsync(Certificate("127.0.0.1", Now.AddDays(-1), Now.AddDays(9)))).Detail!["reason"], Is.EqualTo("unknown-authority"));

    [Test]
    public async Task A_certificate_of_the_future_is_told()
        => Assert.That((await AskAsync(Certificate("127.0.0.1", Now.AddDays(2), Now.AddDays(9)))).Detail!["reason"], Does.StartWith("certificate-not-yet-valid"));

    [Test]
    public async Task A_server_that_speaks_TLS_1_0_alone_is_told()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = new CancellationTokenSource();
        var speaking = SpeakTls10Async(listener, stop.Token);
        await using var bench = await DeliveryBench.OpenAsync($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/fhir");

        var held = await HeldAsync(bench);
        await stop.CancelAsync();

        Assert.That(held.Detail!["reason"], Is.EqualTo("tls-version"));
        Assert.That(held.Message, Does.Contain("at least TLS 1.2"));
        Assert.That(async () => await speaking, Throws.InstanceOf<OperationCanceledException>());
    }

    private static async Task<TargetResolution.Held> AskAsync(X509Certificate2 certificate)
    {
        using (certificate)
        {
            await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 200), listen => listen.UseHttps(certificate));
            await using var bench = await DeliveryBench.OpenAsync(recipient.Base);
            var held = await HeldAsync(bench);
            Assert.That(recipient.Requests, Is.Zero, "nothing was said");
            return held;
        }
    }

    private static async Task<TargetResolution.Held> HeldAsync(DeliveryBench bench)
    {
        var found = await bench.FindAsync();
        Assert.That(found, Is.InstanceOf<TargetResolution.Held>());
        var held = (TargetResolution.Held)found;
        Assert.That(held.Code, Is.EqualTo("tls"));
        return held;
    }

    /// <summary>Signed by an authority made for it, as a hospital's own would.</summary>
    private static X509Certificate2 Certificate(string host, DateTimeOffset from, DateTimeOffset until)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=Test authority", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var root = authority.CreateSelfSigned(from.AddDays(-1), until.AddDays(400));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(root, from, until, [1, 2, 3, 4]);
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>Answers each hello with a TLS 1.0 ServerHello (RFC 2246 §7.4.1.3): version 3.1, TLS_RSA_WITH_AES_128_CBC_SHA.</summary>
    private static async Task SpeakTls10Async(TcpListener listener, CancellationToken cancellationToken)
    {
        byte[] hello = [0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1, .. new byte[32], 0, 0, 0x2f, 0];
        while (true)
        {
            using var client = await listener.AcceptTcpClientAsync(cancellationToken);
            var stream = client.GetStream();

            // To its end, and then until the client hangs up: a close with anything unread would be a reset, which is another fault.
            var record = new byte[5];
            await stream.ReadExactlyAsync(record, cancellationToken);
            await stream.ReadExactlyAsync(new byte[(record[3] << 8) + record[4]], cancellationToken);
            await stream.WriteAsync(hello, cancellationToken);
            while (await stream.ReadAsync(new byte[64], cancellationToken) > 0)
            {
                // Its alert.
            }
        }
    }
}
