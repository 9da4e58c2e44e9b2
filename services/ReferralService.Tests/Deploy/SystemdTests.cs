using System.Globalization;
using System.Text.RegularExpressions;

namespace ReferralService.Tests.Deploy;

/// <summary>deploy/systemd: systemd's own judgement of the unit, and what the unit says of the program.</summary>
public sealed partial class SystemdTests
{
    private static readonly string Unit = DeployFiles.At("systemd", "referral-service.service");

    private static readonly ILookup<string, string> Lines = File.ReadLines(Unit).Where(line => line.Contains('=', StringComparison.Ordinal) && line[0] != '#')
        .ToLookup(line => line[..line.IndexOf('=', StringComparison.Ordinal)], line => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]);

    [Test]
    public void Systemd_finds_nothing_wrong_with_the_unit()
    {
        var analyze = DeployFiles.Need("systemd-analyze", "the unit is read by the tests' own rules only");
        var folder = Directory.CreateTempSubdirectory("referral-unit-");
        try
        {
            // It looks whether the program is there: one that is, on this machine, too.
            var copy = Path.Combine(folder.FullName, Path.GetFileName(Unit));
            File.WriteAllText(copy, File.ReadAllText(Unit).Replace("/usr/bin/dotnet", "/bin/true", StringComparison.Ordinal));

            var (code, output) = DeployFiles.Run(analyze, ["verify", "--man=no", copy]);

            Assert.That((code, output.Trim()), Is.EqualTo((0, "")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Test]
    public void Systemd_calls_its_exposure_low()
    {
        var analyze = DeployFiles.Need("systemd-analyze", "how exposed the service would be is not judged");

        var (code, output) = DeployFiles.Run(analyze, ["security", "--offline=true", "--no-pager", Unit]);
        if (code != 0 && output.Contains("offline", StringComparison.Ordinal)) Assert.Ignore("This systemd cannot judge a unit that is not installed.");
        var exposure = double.Parse(Exposure().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);

        Assert.That(exposure, Is.LessThanOrEqualTo(1.5), "of 10; 1.4 when this was written");
    }

    [Test]
    public void It_is_started_again_where_that_can_help_and_has_time_to_end()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Lines["Restart"].Single(), Is.EqualTo("on-failure"));
            Assert.That(Lines["RestartPreventExitStatus"].Single().Split(' '), Is.EqualTo(new[] { "2", "4" }), "settings and address: nothing mends them but a person");
            Assert.That(int.Parse(Lines["TimeoutStopSec"].Single(), CultureInfo.InvariantCulture), Is.GreaterThan(2 * 10), "it ends within ten seconds");
        });
    }

    [Test]
    public void The_runtime_may_make_the_call_without_which_it_does_not_start()
        => Assert.That(Lines["SystemCallFilter"].SelectMany(line => line.Split(' ')), Does.Contain("sched_setaffinity"));

    [Test]
    public void The_program_would_start_with_what_the_unit_gives_it()
    {
        using var settings = new DeployedSettings();
        var environment = Lines["Environment"].SelectMany(line => Variable().Matches(line)).ToDictionary(
            variable => variable.Groups[1].Value,
            variable => variable.Groups[2].Value.Replace("%d", DeployedSettings.Mounted, StringComparison.Ordinal).Replace("%S", "/var/lib", StringComparison.Ordinal).Replace("%C", "/var/cache", StringComparison.Ordinal));

        var faults = settings.Faults(environment, [.. Lines["LoadCredential"].Select(credential => credential.Split(':')[0])]);

        Assert.That(faults, Is.Empty);
        Assert.That(environment.Values.Where(value => value.Contains("/var/", StringComparison.Ordinal)), Is.All.Contains($"/{Lines["StateDirectory"].Single()}"), "it writes to its own folders");
    }

    [GeneratedRegex(@"exposure level for \S+: ([0-9.]+)")]
    private static partial Regex Exposure();

    [GeneratedRegex("""(?<=^|[ "])([A-Za-z_]\w*)=((?<="[^" ]*)[^"]*|[^" ]*)""")]
    private static partial Regex Variable();
}
