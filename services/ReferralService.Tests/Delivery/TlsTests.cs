using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using ReferralService.Delivery;
using ReferralService.RecipientDirectory;

namespace ReferralService.Tests.Delivery;

/// <summary>Nothing is said to a recipient that cannot prove who it is.</summary>
internal sealed class TlsTests
{
    [Test]
    public async Task A_certificate_nobody_vouches_for_is_held_at_once_and_hears_nothing()
    {
        using var certificate = SelfSigned();
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 201), listen => listen.UseHttps(certificate));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        var outcome = await bench.SendAsync(DeliveryRoute.PutBundle);

        Assert.That(outcome, Is.InstanceOf<DeliveryOutcome.Refused>(), outcome.ToString());
        Assert.That(((DeliveryOutcome.Refused)outcome).Code, Is.EqualTo("tls"));
        Assert.That(((DeliveryOutcome.Refused)outcome).Fails, Is.False);
        Assert.That(recipient.Requests, Is.Zero);
    }

    [Test]
    public async Task The_same_certificate_holds_the_search_for_a_route()
    {
        using var certificate = SelfSigned();
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 200), listen => listen.UseHttps(certificate));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        var found = await bench.FindAsync();

        Assert.That(found, Is.InstanceOf<TargetResolution.Held>());
        Assert.That(((TargetResolution.Held)found).Code, Is.EqualTo("tls"));
    }

    [Test]
    public async Task When_a_certificate_ends_is_known_from_the_handshake_also_where_it_is_not_trusted()
    {
        using var certificate = SelfSigned();
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 201), listen => listen.UseHttps(certificate));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base);

        await bench.SendAsync(DeliveryRoute.PutBundle);

        Assert.That(bench.Contacts.Of(PartnerKind.Recipient, DeliveryBench.Recipient).CertificateEnds, Is.EqualTo(new DateTimeOffset(certificate.NotAfter)));
    }

    [Test]
    public async Task A_handshake_that_breaks_off_is_tried_again()
    {
        var connections = 0;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = new CancellationTokenSource();
        var breaking = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var client = await listener.AcceptTcpClientAsync(stop.Token);
                Interlocked.Increment(ref connections);
                await client.GetStream().ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, stop.Token);
            }
        });
        await using var bench = await DeliveryBench.OpenAsync($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/fhir");

        var outcome = await bench.SendAsync(DeliveryRoute.PutBundle);
        await stop.CancelAsync();

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Unreachable("recipient-unreachable", null, null)));
        Assert.That(connections, Is.EqualTo(4));
        Assert.That(async () => await breaking, Throws.InstanceOf<OperationCanceledException>());
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var from = TimeProvider.System.GetUtcNow().AddDays(-1);
        using var made = request.CreateSelfSigned(from, from.AddDays(30));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
