using System.Text.RegularExpressions;
using ReferralService.Tests.Terminal;

namespace ReferralService.Tests.Doctor;

/// <summary>What is shown of settings: never a secret, however it is written.</summary>
public sealed partial class SecretSettingsTests
{
    private const string Planted = "LEAK";

    /// <summary>A part of each kind there is, so that every setting that can be read is.</summary>
    private static readonly string[] Everything =
    [
        "--Ehrs:main:BaseUrl=http://127.0.0.1:1/fhir", "--Ehrs:main:Auth:Kind=Bearer", "--Recipients:east:BaseUrl=http://127.0.0.1:1/fhir", "--Recipients:east:Auth:Kind=Basic",
        "--Webhooks:crm:Url=http://127.0.0.1:1/hook", "--Api:Keys:ops:Role=viewer", "--Api:Oidc:Authority=https://login.example.org", "--Api:Oidc:ClientId=referrals",
    ];

    [TestCase("Bus:RabbitMq", "amqp://referral:q7/LEAK@broker:5672/vhost")]
    [TestCase("Bus:RabbitMq", "amqp://referral:12/LEAK@broker:5672/vhost")]
    [TestCase("Bus:RabbitMq", "amqp://referral:q7#LEAK@broker:5672/vhost")]
    [TestCase("Bus:RabbitMq", "amqp://referral:LEAK?q7@broker:5672/vhost")]
    [TestCase("Bus:RabbitMq", "amqp:/referral:LEAK@broker")]
    [TestCase("Bus:RabbitMq", "referral:LEAK")]
    [TestCase("Bus:RabbitMq", "amqp://a:b@broker/@LEAK")]
    [TestCase("Bus:RabbitMq", "amqp://broker:5672/?password=LEAK")]
    [TestCase("Telemetry:Otlp:Headers", "authorization=Bearer LEAK")]
    [TestCase("Telemetry:Otlp:Endpoint", "https://collector.example.org/?key=LEAK")]
    [TestCase("Webhooks:crm:Url", "https://crm.example.org/hook?token=LEAK")]
    [TestCase("Webhooks:crm:Url", "https://crm.example.org/hook#LEAK")]
    [TestCase("Ehrs:main:BaseUrl", "https://ehr.example.org/fhir?token=LEAK")]
    [TestCase("Ehrs:main:BaseUrl", "https://user:LEAK@ehr.example.org/fhir")]
    [TestCase("Ehrs:main:BaseUrl", "ehr.example.org/fhir?token=LEAK")]
    [TestCase("Ehrs:main:AttachmentOrigins:0", "https://user:LEAK@files.example.org")]
    [TestCase("Api:Oidc:Authority", "https://login.example.org/?secret=LEAK")]
    [TestCase("PublicUrl", "https://user:LEAK/x@referrals.example.org")]
    [TestCase("Ledger:ConnectionString", "Host=db;Username=u;Password=LEAK")]
    [TestCase("Ledger:ConnectionString", "postgres://u:LEAK@db/referrals?sslmode=require")]
    [TestCase("Ledger:ConnectionString", "Host=db;Password=q7;LEAK=x")]
    [TestCase("Ledger:ConnectionString", "Host=postgres://u:LEAK@db")]
    [TestCase("Ehrs:main:Auth:Token", "LEAK")]
    [TestCase("Recipients:east:Auth:Password", "LEAK")]
    public async Task A_secret_is_not_shown_and_no_fault_repeats_it(string key, string value)
    {
        var explained = await Typed.RunAsync(["config", "explain", .. Everything.Where(word => !word.StartsWith($"--{key}=", StringComparison.Ordinal)), $"--{key}={value}"]);

        var said = explained.Output + explained.Errors + string.Concat(FaultsOf($"--{key}={value}"));
        Assert.That(said, Does.Contain(key).And.Not.Contain(Planted));
    }

    [TestCase("Bus:RabbitMq", "amqp://user:LEAK@broker:5672/vhost", "amqp://(hidden)@broker:5672/vhost")]
    [TestCase("Webhooks:crm:Url", "https://crm.example.org/hook?token=LEAK", "https://crm.example.org/hook?(hidden)")]
    [TestCase("Ehrs:main:BaseUrl", "https://ehr.example.org:8443/fhir", "https://ehr.example.org:8443/fhir")]
    [TestCase("urls", "http://*:8080;https://[::]:8443", "http://*:8080;https://[::]:8443")]
    [TestCase("Ledger:ConnectionString", "Host=db;Port=5432;Database=referrals;Username=u;Password=LEAK", "Host=db;Port=5432;Database=referrals;Username=u;(hidden)")]
    [TestCase("Ledger:ConnectionString", "Data Source=data/referrals.db", "Data Source=data/referrals.db")]
    [TestCase("Ehrs:main:Criteria", "ServiceRequest?status=active", "ServiceRequest?status=active")]
    public void What_leads_somewhere_is_shown_without_what_opens_it(string key, string value, string shown)
        => Assert.That(SecretSettings.Redacted(key, value), Is.EqualTo(shown).IgnoreCase);

    [Test]
    public async Task Every_setting_whose_name_speaks_of_a_secret_is_hidden()
    {
        var known = ReferralHost.Prepare(Everything, TimeProvider.System).Settings.Known().Where(key => Suspicious().IsMatch(key.Split(':')[^1])).ToList();

        var explained = await Typed.RunAsync(["config", "explain", .. Everything, .. known.Select(key => $"--{key}={Planted}-{key}")]);

        Assert.That(known, Has.Count.GreaterThanOrEqualTo(8).And.Contains("Telemetry:Otlp:Headers").And.Contains("Api:Keys:ops:Secret").And.Contains("Api:Oidc:ClientSecret").And.Contains("Recipients:east:Auth:Token"));
        Assert.That(explained.Output, Does.Not.Contain(Planted), "mark it where it is read: SettingsReader.SecretText");
    }

    private static List<string> FaultsOf(string word) => ReferralHost.Prepare([.. Everything, word], TimeProvider.System).Settings.Faults;

    /// <summary>Not the names of files: those are shown, what is in them not.</summary>
    [GeneratedRegex("(secrets?|tokens?|passwords?|passphrase|credentials?|headers?|cookie|bearer|key|pin)$", RegexOptions.IgnoreCase)]
    private static partial Regex Suspicious();
}
