using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ReferralService.Tests.Deploy;

/// <summary>deploy/compose.yaml: whatever it refers to is there, and nothing in it has more rights than it needs.</summary>
public sealed partial class ComposeTests
{
    private static readonly JsonObject Compose = DeployFiles.Yaml("compose.yaml").Single().AsObject();

    private static IEnumerable<(string Name, JsonObject Body)> Services => Compose["services"]!.AsObject().Select(service => (service.Key, service.Value!.AsObject()));

    [Test]
    public void Every_file_that_is_mounted_is_there()
    {
        var mounted = Services.SelectMany(service => service.Body["volumes"].Texts()).Where(volume => volume.StartsWith("./", StringComparison.Ordinal)).ToList();

        Assert.That(mounted, Has.Count.GreaterThan(8));
        Assert.That(mounted.Where(volume => !Path.Exists(DeployFiles.At(volume.Split(':')[0]))), Is.Empty);
        Assert.That(mounted.Where(volume => !volume.EndsWith(":ro", StringComparison.Ordinal)), Is.Empty, "what belongs to the repository is not written to");
    }

    [Test]
    public void Volumes_networks_secrets_and_services_that_are_named_are_declared()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Services.SelectMany(service => service.Body["volumes"].Texts()).Select(volume => volume.Split(':')[0]).Where(name => name[0] != '.').Distinct(), Is.SubsetOf(Names("volumes")));
            Assert.That(Services.SelectMany(service => service.Body["networks"].Texts()).Distinct(), Is.SubsetOf(Names("networks")));
            Assert.That(Services.SelectMany(service => service.Body["secrets"].Texts()).Distinct(), Is.SubsetOf(Names("secrets")));
        });
        foreach (var (name, body) in Services)
        {
            foreach (var (before, how) in body["depends_on"]?.AsObject() ?? [])
            {
                var waitedFor = Compose["services"]![before] ?? throw new AssertionException($"{name} waits for {before}, which is not there");
                if (how!["condition"].Text() == "service_healthy") Assert.That(waitedFor["healthcheck"], Is.Not.Null, $"{name} waits until {before} is healthy, and nobody looks whether it is");
            }
        }
    }

    [Test]
    [UnsupportedOSPlatform("windows")]
    public void The_script_makes_every_secret_once_and_readable_by_its_group_alone()
    {
        using var settings = new DeployedSettings();
        var made = Directory.GetFiles(settings.Secrets).ToDictionary(file => Path.GetFileName(file), File.ReadAllText);

        settings.MakeSecrets();

        Assert.That(Compose["secrets"]!.AsObject().Select(secret => secret.Value!["file"].Text()), Is.EquivalentTo(made.Keys.Select(name => $"./secrets/{name}")));
        Assert.That(made.Keys.Select(name => File.ReadAllText(Path.Combine(settings.Secrets, name))), Is.EqualTo(made.Values), "run again, it keeps what is there");
        Assert.That(made.Keys.Select(name => File.GetUnixFileMode(Path.Combine(settings.Secrets, name))), Is.All.EqualTo(UnixFileMode.UserRead | UnixFileMode.GroupRead));
        Assert.That(made.Values, Is.Unique);
    }

    [TestCase("referrals-1")]
    [TestCase("referrals-2")]
    public void A_replica_would_start_with_what_it_is_given(string replica)
    {
        using var settings = new DeployedSettings();
        var body = Compose["services"]![replica]!;
        var environment = body["environment"]!.AsObject().ToDictionary(pair => pair.Key, pair => Variable().Replace(pair.Value.Text(), ""));

        var faults = settings.Faults(DeployedSettings.OfImage().Concat(environment).ToDictionary(), [.. body["secrets"].Texts()], DeployFiles.At("compose", "appsettings.json"));

        Assert.That(faults, Is.Empty);
    }

    [Test]
    public void Nothing_has_more_rights_than_it_needs()
    {
        foreach (var (name, body) in Services)
        {
            Assert.Multiple(() =>
            {
                Assert.That(body["read_only"].Text(), Is.EqualTo("true"), name);
                Assert.That(body["cap_drop"].Texts(), Is.EqualTo(new[] { "ALL" }), name);
                Assert.That(body["security_opt"].Texts(), Is.EqualTo(new[] { "no-new-privileges:true" }), name);
                Assert.That(body["ports"].Texts(), Is.All.StartWith("127.0.0.1:"), name);
                Assert.That(body["image"].Text(), Does.Contain(':'), $"{name}: an image without a version");
                if (body["network_mode"]?.Text() == "none") return;
                Assert.That(body["user"].Text(), Does.Match("^[1-9][0-9]*:"), $"{name} is not root");
                Assert.That(body["deploy"]!["resources"]!["limits"]!["memory"], Is.Not.Null, name);
                Assert.That(body["healthcheck"], Is.Not.Null, name);
            });
        }

        Assert.That(Compose["networks"]!["inside"]!["internal"].Text(), Is.EqualTo("true"), "database and broker are reached from inside only");
    }

    [Test]
    public void A_replica_has_longer_to_end_than_it_takes()
        => Assert.That(Services.Where(service => service.Name.StartsWith("referrals-", StringComparison.Ordinal)).Select(service => service.Body["stop_grace_period"].Text()), Is.EqualTo(new[] { "30s", "30s" }));

    [Test]
    public void Prometheus_asks_the_replicas_at_an_address_that_they_have_with_a_key_that_it_is_given()
    {
        var prometheus = DeployFiles.Yaml("compose", "prometheus.yml").Single();
        var jobs = prometheus["scrape_configs"]!.AsArray();
        var service = jobs.Single(job => job!["job_name"].Text() == "referral-service")!;

        Assert.That(jobs.SelectMany(job => job!["static_configs"]!.AsArray()).SelectMany(target => target!["targets"].Texts()).Select(target => target.Split(':')[0]).Distinct(), Is.SubsetOf(Names("services")));
        Assert.That(service["metrics_path"].Text(), Is.EqualTo("/metrics"));
        Assert.That(service["authorization"]!["credentials_file"].Text(), Is.AnyOf(Compose["services"]!["prometheus"]!["secrets"].Texts().Select(name => $"{DeployedSettings.Mounted}/{name}").ToArray<object>()));
    }

    [Test]
    public void Docker_compose_reads_it()
    {
        var compose = DeployFiles.Need("docker-compose", "the file is read by the tests' own rules only");

        var (code, output) = DeployFiles.Run(compose, ["-f", "compose.yaml", "config", "-q"], new Dictionary<string, string> { ["SECRETS_GROUP"] = "1000" });

        Assert.That((code, output), Is.EqualTo((0, "")));
    }

    [Test]
    public void Promtool_reads_the_configuration()
    {
        var promtool = DeployFiles.Need("promtool", "the configuration is read by the tests' own rules only");

        var (code, output) = DeployFiles.Run(promtool, ["check", "config", "--syntax-only", "compose/prometheus.yml"]);

        Assert.That(code, Is.Zero, output);
    }

    private static IEnumerable<string> Names(string part) => Compose[part]!.AsObject().Select(entry => entry.Key);

    /// <summary><c>${PUBLIC_URL:-}</c>, as it is where nobody has set it.</summary>
    [GeneratedRegex(@"\$\{\w+:-\}")]
    private static partial Regex Variable();
}
