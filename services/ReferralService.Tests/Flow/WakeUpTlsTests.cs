using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MassTransit;
using MassTransit.RabbitMqTransport.Configuration;
using RabbitMQ.Client;
using ReferralService.Flow;

namespace ReferralService.Tests.Flow;

/// <summary>Wake-ups carry no patient's data, but the broker's password travels with them.</summary>
internal sealed class WakeUpTlsTests
{
    [TestCase("amqps://user:password@broker.example.org/", 5671, true)]
    [TestCase("amqps://user:password@broker.example.org:5699/vhost", 5699, true)]
    [TestCase("amqp://user:password@broker.example.org/", 5672, false)]
    [TestCase("amqp://user:password@broker.example.org:5671/", 5671, false)]
    public async Task The_address_alone_decides_whether_TLS_is_spoken_and_then_in_full(string address, int port, bool tls)
    {
        var host = new RabbitMqHostConfigurator(new Uri(address));
        WakeUpPath.ConfigureHost(host, new Uri(address));
        var factory = new ConnectionFactory();

        await host.Settings.Refresh(factory);

        Assert.Multiple(() =>
        {
            Assert.That((factory.Port, factory.Ssl.Enabled, factory.Ssl.ServerName), Is.EqualTo((port, tls, "broker.example.org")));
            Assert.That(factory.Ssl.AcceptablePolicyErrors, Is.EqualTo(SslPolicyErrors.None));
            Assert.That(factory.Ssl.CertificateValidationCallback, Is.Null);
        });
    }

    [Test]
    public async Task A_broker_nobody_vouches_for_hears_nothing_of_the_bus()
    {
        using var certificate = SelfSigned();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = new Uri($"amqps://user:password@localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        var bus = Bus.Factory.CreateUsingRabbitMq(configure => configure.Host(address, host => WakeUpPath.ConfigureHost(host, address)));

        using var givenUp = new CancellationTokenSource();
        var starting = bus.StartAsync(givenUp.Token);
        using var client = await listener.AcceptTcpClientAsync().WaitAsync(TimeSpan.FromSeconds(30));
        var heard = await HearAsync(client, certificate).WaitAsync(TimeSpan.FromSeconds(30));
        await givenUp.CancelAsync();
        await bus.StopAsync(TimeSpan.FromSeconds(5));

        Assert.That(heard, Is.Zero);
        Assert.That(async () => await starting, Throws.Exception);
    }

    /// <summary>How many bytes come after the handshake; the protocol's header would be the first 8.</summary>
    private static async Task<int> HearAsync(TcpClient client, X509Certificate2 certificate)
    {
        await using var tls = new SslStream(client.GetStream());
        try
        {
            await tls.AuthenticateAsServerAsync(certificate);
            return await tls.ReadAsync(new byte[8]);
        }
        catch (IOException)
        {
            // The client's alert: it did not take the certificate.
            return 0;
        }
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var from = TimeProvider.System.GetUtcNow().AddDays(-1);
        using var made = request.CreateSelfSigned(from, from.AddDays(30));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
