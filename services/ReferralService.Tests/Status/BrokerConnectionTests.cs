using System.Net.Security;

namespace ReferralService.Tests.Status;

[TestFixture]
internal sealed class BrokerConnectionTests
{
    [Test]
    public void Over_tls_the_certificate_must_be_the_brokers()
    {
        var factory = BrokerConnection.Factory(new Uri("amqps://user:password@broker.example.org/"), "test");

        Assert.Multiple(() =>
        {
            Assert.That(factory.Ssl.Enabled);
            Assert.That(factory.Ssl.ServerName, Is.EqualTo("broker.example.org"));
            Assert.That(factory.Ssl.AcceptablePolicyErrors, Is.EqualTo(SslPolicyErrors.None));
        });
    }

    [Test]
    public void A_lost_connection_is_not_mended_behind_our_back()
        => Assert.That(BrokerConnection.Factory(new Uri("amqp://broker/"), "test").AutomaticRecoveryEnabled, Is.False);
}
