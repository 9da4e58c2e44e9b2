using Microsoft.Extensions.Configuration;

namespace ReferralService.Tests.Status.Webhooks;

internal sealed class WebhookSettingsTests
{
    private const string Good = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

    [Test]
    public void All_that_is_said_is_read()
    {
        var (webhooks, faults) = Read(("Url", "https://tracker.example.org/hooks"), ("Secret", $"{Good} {Good}"), ("Events:0", "delivered"), ("Events:1", "referral.held"), ("Ehrs:0", "main"), ("Networks:0", "10.0.0.0/8"));

        var webhook = webhooks.Single();
        Assert.Multiple(() =>
        {
            Assert.That(faults, Is.Empty);
            Assert.That((webhook.Name, webhook.Url.AbsoluteUri, webhook.Secrets.Count, webhook.Networks.Count), Is.EqualTo(("tracker", "https://tracker.example.org/hooks", 2, 1)));
            Assert.That((webhook.Subscription.Wants("main", "held"), webhook.Subscription.Wants("main", "failed"), webhook.Subscription.Wants("other", "held")), Is.EqualTo((true, false, false)));
        });
    }

    [Test]
    public void What_is_not_said_means_all()
    {
        var (webhooks, _) = Read(("Url", "https://tracker.example.org/hooks"), ("Secret", Good));

        Assert.That(webhooks.Single().Subscription.Wants("other", "failed"), Is.True);
    }

    [Test]
    public void Secrets_may_stand_in_a_file()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, $"{Good}\n{Good}\n");

            Assert.That(Read(("Url", "https://tracker.example.org/hooks"), ("SecretFile", file)).Webhooks.Single().Secrets, Has.Count.EqualTo(2));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [TestCase("Webhooks:tracker:Url: is missing", "Secret", Good)]
    [TestCase("Webhooks:tracker:Url: is http beyond loopback", "Url", "http://tracker.example.org/", "Secret", Good)]
    [TestCase("Webhooks:tracker:Url: is an address that no partner may have (metadata)", "Url", "http://169.254.169.254/", "AllowHttp", "true", "Secret", Good)]
    [TestCase("Webhooks:tracker:Secret: is missing", "Url", "https://tracker.example.org/")]
    [TestCase("Webhooks:tracker:Secret: must be whsec_ and 24 to 64 bytes", "Url", "https://tracker.example.org/", "Secret", "canary7f3")]
    [TestCase("Webhooks:tracker:Secret: must be whsec_ and 24 to 64 bytes", "Url", "https://tracker.example.org/", "Secret", "whsec_AQID")]
    [TestCase("Webhooks:tracker:Secret: must be whsec_ and 24 to 64 bytes", "Url", "https://tracker.example.org/", "Secret", Good + " whsec_canary7f3")]
    [TestCase("Webhooks:tracker:Secret: stands beside SecretFile", "Url", "https://tracker.example.org/", "Secret", Good, "SecretFile", "/x")]
    [TestCase("Webhooks:tracker:SecretFile: cannot be read", "Url", "https://tracker.example.org/", "SecretFile", "/does/not/exist")]
    [TestCase("Webhooks:tracker:Events:0: is no event that is sent", "Url", "https://tracker.example.org/", "Secret", Good, "Events:0", "accepted")]
    [TestCase("Webhooks:tracker:Ehrs:0: is no EHR configured under Ehrs", "Url", "https://tracker.example.org/", "Secret", Good, "Ehrs:0", "elsewhere")]
    public void A_fault_is_told_by_its_key_and_without_its_value(string fault, params string[] settings)
    {
        var (_, faults) = Read([.. settings.Chunk(2).Select(pair => (pair[0], pair[1]))]);

        Assert.That(faults, Has.Exactly(1).StartsWith(fault).And.None.Contains("canary7f3"));
    }

    private static (IReadOnlyList<WebhookOptions> Webhooks, IReadOnlyList<string> Faults) Read(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            settings.Select(s => KeyValuePair.Create($"Webhooks:tracker:{s.Key}", (string?)s.Value)).Append(KeyValuePair.Create("Ehrs:main:BaseUrl", (string?)"https://ehr.example.org/fhir"))).Build();
        var reader = new SettingsReader(configuration);
        return (WebhookOptions.Read(reader), reader.Faults);
    }
}
