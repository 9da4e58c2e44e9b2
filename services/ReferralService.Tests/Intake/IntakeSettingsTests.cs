using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ReferralService.Intake;

namespace ReferralService.Tests.Intake;

public sealed class IntakeSettingsTests
{
    [Test]
    public void A_whole_EHR_is_read()
    {
        var (ehrs, faults) = Read(
            ("Ehrs:main:BaseUrl", "https://ehr.example.org/fhir"), ("Ehrs:main:NotificationSecret", "of-sixteen-chars"), ("Ehrs:main:PollInterval", "00:00:30"),
            ("Ehrs:main:Since", "2026-01-01T00:00:00Z"), ("Ehrs:main:AttachmentOrigins:0", "https://files.example.org:8443"),
            ("Ehrs:main:Auth:Kind", "Bearer"), ("Ehrs:main:Auth:Token", "t"));

        var ehr = ehrs.Find("main")!;
        Assert.Multiple(() =>
        {
            Assert.That(faults, Is.Empty);
            Assert.That((ehr.BaseUrl.AbsoluteUri, ehr.NotificationSecret, ehr.PollInterval), Is.EqualTo(("https://ehr.example.org/fhir", "of-sixteen-chars", TimeSpan.FromSeconds(30))));
            Assert.That((ehr.Criteria, ehr.Subscribe, ehr.Auth.Kind), Is.EqualTo(("ServiceRequest?status=active&intent=order", SubscribeMode.Off, AuthKind.Bearer)));
            Assert.That(ehr.AttachmentOrigins, Is.EqualTo(new[] { new Uri("https://files.example.org:8443") }));
        });
    }

    [TestCase("Ehrs:Main:BaseUrl", "https://e.example/fhir", "Ehrs:Main")]
    [TestCase("Ehrs:a_b:BaseUrl", "https://e.example/fhir", "Ehrs:a_b")]
    [TestCase("Ehrs:a:BaseUrl", "http://e.example/fhir", "Ehrs:a:BaseUrl")]
    [TestCase("Ehrs:a:BaseUrl", "https://u:p@e.example/fhir", "Ehrs:a:BaseUrl")]
    [TestCase("Ehrs:a:Criteria", "ServiceRequest?x=y", "Ehrs:a:BaseUrl")]
    [TestCase("Ehrs:a:NotificationSecret", "two words", "Ehrs:a:NotificationSecret")]
    [TestCase("Ehrs:a:Subscribe", "Topic", "Ehrs:a:Subscribe")]
    [TestCase("Ehrs:a:Subscribe", "Sometimes", "Ehrs:a:Subscribe")]
    [TestCase("Ehrs:a:PollInterval", "00:00:00.5", "Ehrs:a:PollInterval")]
    [TestCase("Ehrs:a:Since", "yesterday", "Ehrs:a:Since")]
    [TestCase("Ehrs:a:AttachmentOrigins:0", "https://files.example.org/path", "Ehrs:a:AttachmentOrigins")]
    [TestCase("Ehrs:a:AttachmentOrigins:0", "http://files.example.org", "Ehrs:a:AttachmentOrigins")]
    [TestCase("Ehrs:a:AttachmentOrigins:0", "https://u@files.example.org", "Ehrs:a:AttachmentOrigins")]
    [TestCase("Ehrs:a:AttachmentOrigins:0", "https://169.254.169.254", "Ehrs:a:AttachmentOrigins")]
    [TestCase("Ehrs:a:AttachmentOrigins:0", "https://2130706433", "Ehrs:a:AttachmentOrigins")]
    [TestCase("Ehrs:a:AttachmentOrigins:0", "https://еhr.example", "Ehrs:a:AttachmentOrigins")]
    [TestCase("Ehrs:a:Auth:Kind", "SmartBackend", "Ehrs:a:Auth:Kind")]
    [TestCase("Ehrs:a:BaseUlr", "https://e.example/fhir", "Ehrs:a:BaseUlr")]
    [TestCase("PublicUrl", "referrals.example.org", "PublicUrl")]
    [TestCase("Api:Keys:ops:Role", "operator", "Api:Keys:ops:Secret")]
    [TestCase("Api:Keys:ops:Secret", "of-sixteen-chars", "Api:Keys:ops:Role")]
    [TestCase("Api:Keys:ops:Secret", "x", "Api:Keys:ops:Secret")]
    [TestCase("Ehrs:a:NotificationSecret", "fifteen-chars-x", "Ehrs:a:NotificationSecret")]
    [TestCase("Intake:SlowBodyGrace", "00:00:01", "Intake:SlowBodyGrace")]
    [TestCase("Intake:RequestsPerSecond", "0", "Intake:RequestsPerSecond")]
    [TestCase("Intake:MaxNotificationBytes", "1", "Intake:MaxNotificationBytes")]
    public void What_cannot_be_used_is_named_by_its_key(string key, string value, string fault)
    {
        var (_, faults) = Read((key, value));

        Assert.That(faults, Has.Some.StartsWith(fault + ":"));
    }

    [Test]
    public void Each_item_of_a_list_is_named_by_its_own_key()
    {
        var (_, faults) = Read(
            ("Ehrs:a:BaseUrl", "https://a.example/fhir"), ("Ehrs:a:AttachmentOrigins:0", "https://files.example.org"), ("Ehrs:a:AttachmentOrigins:1", "files.example.org"),
            ("Ehrs:a:AttachmentOrigins:2", ""), ("Ehrs:a:AttachmentOrigins:3", "https://files.example.org/path"), ("Ehrs:a:Networks:1", "10.0.0.0/8"), ("Ehrs:a:Networks:2", "ten"));

        Assert.That(faults.Select(f => f[..f.IndexOf(": ", StringComparison.Ordinal)]), Is.EquivalentTo(new[]
        {
            "Ehrs:a:AttachmentOrigins:1", "Ehrs:a:AttachmentOrigins:2", "Ehrs:a:AttachmentOrigins:3", "Ehrs:a:Networks:2",
        }));
    }

    [Test]
    public void No_value_is_ever_echoed()
    {
        const string Canary = "canary 7f3";
        var keys = new[] { "BaseUrl", "NotificationSecret", "Subscribe", "PollInterval", "Since", "AttachmentOrigins:0", "Auth:Kind" };

        var (_, faults) = Read([.. keys.Select(k => ($"Ehrs:a:{k}", Canary)), ("Api:Keys:ops:Secret", Canary), ("Api:Keys:ops:Role", Canary), ("PublicUrl", Canary)]);

        Assert.That(faults, Has.Count.EqualTo(keys.Length + 3).And.None.Contains("7f3"));
    }

    [Test]
    public void Two_names_for_one_EHR_are_refused()
    {
        var (_, faults) = Read(("Ehrs:a:BaseUrl", "https://e.example/fhir"), ("Ehrs:b:BaseUrl", "https://E.example/fhir/"));

        Assert.That(faults, Has.Exactly(1).StartsWith("Ehrs:b:BaseUrl:"));
    }

    [Test]
    public void Every_fault_is_listed_not_the_first()
    {
        var (_, faults) = Read(("Ehrs:a:BaseUrl", "no url"), ("Ehrs:a:Since", "never"), ("Ehrs:b:BaseUrl", "https://b.example"), ("Ehrs:b:Subscribe", "Sometimes"));

        Assert.That(faults, Has.Count.EqualTo(3));
    }

    [TestCase("R4", null, "Ehrs:a:Subscribe: needs PublicUrl", "Ehrs:a:NotificationSecret: is missing")]
    [TestCase("Topic", null, "Ehrs:a:Subscribe: needs PublicUrl", "Ehrs:a:NotificationSecret: is missing", "Ehrs:a:Topic: is missing")]
    [TestCase("Topic", "no canonical", "Ehrs:a:Subscribe: needs PublicUrl", "Ehrs:a:NotificationSecret: is missing", "Ehrs:a:Topic: must be an absolute canonical URL")]
    [TestCase("Off", "http://example.org/topic", "Ehrs:a:Topic: is given, but Subscribe is not Topic")]
    public void Subscribing_needs_an_address_to_call_a_secret_and_a_topic(string subscribe, string? topic, params string[] wanted)
    {
        var (_, faults) = Read([("Ehrs:a:BaseUrl", "https://a.example"), ("Ehrs:a:Subscribe", subscribe), .. topic is null ? [] : new[] { ("Ehrs:a:Topic", topic) }]);

        Assert.That(faults.Select((fault, i) => fault.StartsWith(wanted[i], StringComparison.Ordinal)), Is.All.True);
        Assert.That(faults, Has.Count.EqualTo(wanted.Length));
    }

    [TestCase("http://127.0.0.1:99999")]
    [TestCase("http://127.0.0.1:80x")]
    [TestCase("foo")]
    public void Addresses_that_are_none_are_refused_as_such(string urls)
    {
        var (_, faults) = Read(("urls", urls));
        Assert.That(faults, Has.Count.EqualTo(1).And.One.StartsWith("urls: is no list of addresses"));
    }

    [TestCase("urls", "http://0.0.0.0:8080", true)]
    [TestCase("urls", "http://*:8080", true)]
    [TestCase("urls", "http://127.0.0.1:8080;https://referrals.example.org", true)]
    [TestCase("http_ports", "8080", true)]
    [TestCase("Kestrel:Endpoints:a:Url", "http://[::]:80", true)]
    [TestCase("urls", "http://127.0.0.1:0", false)]
    [TestCase("urls", "http://localhost:8080;http://[::1]:8080", false)]
    [TestCase("Kestrel:Endpoints:a:Url", "http://localhost:80", false)]
    [TestCase("PublicUrl", "http://localhost:80", false)]
    public void An_open_door_without_keys_stops_the_start(string key, string value, bool refused)
    {
        Assert.That(Read((key, value)).Faults.Any(f => f.StartsWith("Api:Keys:", StringComparison.Ordinal)), Is.EqualTo(refused));
        Assert.That(Read((key, value), ("Api:Keys:ops:Secret", "of-sixteen-chars"), ("Api:Keys:ops:Role", "viewer")).Faults, Is.Empty);
    }

    private static (EhrRegistry Ehrs, IReadOnlyList<string> Faults) Read(params (string Key, string Value)[] values)
    {
        var settings = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))).Build());
        using var services = new ServiceCollection().AddIntake(settings, new BusOptions()).BuildServiceProvider();
        settings.Done();
        return (services.GetRequiredService<EhrRegistry>(), settings.Faults);
    }
}
