using ReferralService.Tests.Support;

namespace ReferralService.Tests.Intake;

/// <summary>A configuration with many faults: all told at once, each by its key, and no value with them.</summary>
public sealed class SettingsFaultTests
{
    private const string Canary = "canary7f3";

    [Fault("S49")]
    [Test]
    public void Every_fault_is_told_at_once_by_its_key_and_no_secret_is_shown()
    {
        (string Key, string Value)[] wrong =
        [
            ("Ehrs:main:BaseUrl", $"https://user:{Canary}@ehr.example.org/fhir"),
            ("Ehrs:main:NotificationSecret", Canary),
            ("Ehrs:main:Auth:Kind", Canary),
            ("Ehrs:main:PollIntervall", "00:01:00"),
            ("Ehrs:main:PollInterval", "often"),
            ("Recipients:uro:Auth:Pasword", Canary),
            ("Recipients:uro:Form", "Fax"),
            ("Api:Keys:ops:Secret", "x"),
            ("Api:Keys:ops:Role", "root"),
            ("Bus:RabbitMq", $"amqp://user:{Canary}@broker/a/b"),
            ("Ledger:Provider", "Oracle"),
            ("Delivery:Deadline", "-1.00:00:00"),
            ("Gathering:PageSize", "many"),
            ("Flow:Lease", "1"),
            ("Intake:MaxNotificationBytes", "1e9"),
            ("Intake:MaxConnections", "0"),
        ];

        var refused = Assert.Throws<SettingsException>(() => ReferralHost.Build([.. wrong.Select(w => $"--{w.Key}={w.Value}")], TimeProvider.System));

        Assert.Multiple(() =>
        {
            foreach (var (key, _) in wrong) Assert.That(refused!.Faults, Has.Some.StartsWith(key + ":"));
            Assert.That(refused!.Faults, Has.None.Contains(Canary));
        });
    }

    [Fault("S49")]
    [TestCase("Api:Keys:ops:Secret")]
    [TestCase("Ehrs:main:NotificationSecret")]
    public void A_secret_that_can_be_guessed_is_refused(string key)
    {
        string[] args = ["--Ehrs:main:BaseUrl=http://127.0.0.1:1/fhir", "--Api:Keys:ops:Secret=long-enough-for-this-test", "--Api:Keys:ops:Role=viewer", $"--{key}=fifteen-chars-x"];

        var refused = Assert.Throws<SettingsException>(() => ReferralHost.Build(args, TimeProvider.System));

        Assert.That(refused!.Faults, Is.EqualTo(new[] { $"{key}: is shorter than 16 characters; give a long random text, e.g. of openssl rand -hex 24" }));
    }
}
