using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Deploy;

/// <summary>deploy/kubernetes: whatever it refers to is there, the pod is as restricted as Kubernetes can make it, and the probes are the service's.</summary>
public sealed class KubernetesTests
{
    private static readonly JsonNode Deployment = One("base", "deployment.yaml");
    private static readonly JsonNode Pod = Deployment["spec"]!["template"]!["spec"]!;
    private static readonly JsonNode Container = Pod["containers"]!.AsArray().Single()!;

    [TestCase("base")]
    [TestCase("keda")]
    [TestCase("example")]
    public void A_kustomization_names_every_file_beside_it_and_none_that_is_not_there(string folder)
    {
        var kustomization = One(folder, "kustomization.yaml");
        var named = kustomization["resources"].Texts().Concat(kustomization["components"].Texts())
            .Concat(kustomization["patches"]?.AsArray().Select(patch => patch!["path"]).OfType<JsonValue>().Select(path => path.Text()) ?? [])
            .Concat(kustomization["configMapGenerator"]?.AsArray().SelectMany(made => made!["files"].Texts()) ?? []).ToList();

        Assert.That(named.Where(name => !Path.Exists(DeployFiles.At("kubernetes", folder, name))), Is.Empty);
        Assert.That(named.Where(name => !name.StartsWith("..", StringComparison.Ordinal)).Append("kustomization.yaml"),
            Is.EquivalentTo(Directory.GetFiles(DeployFiles.At("kubernetes", folder)).Select(file => Path.GetFileName(file))));
    }

    [Test]
    public async Task The_probes_are_answered_by_the_service()
    {
        await using var service = await RunningService.StartAsync(new Dictionary<string, string>());

        foreach (var probe in new[] { "startupProbe", "livenessProbe", "readinessProbe" })
        {
            var asked = Container[probe]!["httpGet"]!;
            using var answer = await service.Http.GetAsync(new Uri(asked["path"].Text(), UriKind.Relative));

            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), probe);
            Assert.That(Container["ports"]!.AsArray().Select(port => port!["name"].Text()), Does.Contain(asked["port"].Text()));
        }
    }

    [Test]
    public void The_pod_would_start_with_what_the_example_gives_it()
    {
        using var settings = new DeployedSettings();
        var template = DeployFiles.Yaml("kubernetes", "secret.template.yaml").Single()["stringData"]!.AsObject();
        var environment = Container["env"]!.AsArray().ToDictionary(variable => variable!["name"].Text(), variable => variable!["value"].Text());
        // What no file of the repository may hold.
        environment["Ehrs__main__Auth__Token"] = "a-token";

        var faults = settings.Faults(DeployedSettings.OfImage().Concat(environment).ToDictionary(), [.. template.Select(secret => secret.Key)], DeployFiles.At("kubernetes", "example", "appsettings.json"));

        Assert.That(faults, Is.Empty);
        Assert.That(template.Select(secret => secret.Value.Text()), Is.All.Empty, "a template never holds a secret");
    }

    [Test]
    public void The_pod_is_restricted()
    {
        var pod = Pod["securityContext"]!;
        var container = Container["securityContext"]!;

        Assert.Multiple(() =>
        {
            Assert.That(pod["runAsNonRoot"].Text(), Is.EqualTo("true"));
            Assert.That(pod["runAsUser"].Text(), Is.EqualTo("1654"), "the image's account");
            Assert.That(pod["seccompProfile"]!["type"].Text(), Is.EqualTo("RuntimeDefault"));
            Assert.That(container["allowPrivilegeEscalation"].Text(), Is.EqualTo("false"));
            Assert.That(container["readOnlyRootFilesystem"].Text(), Is.EqualTo("true"));
            Assert.That(container["capabilities"]!["drop"].Texts(), Is.EqualTo(new[] { "ALL" }));
            Assert.That(Pod["automountServiceAccountToken"].Text(), Is.EqualTo("false"));
            Assert.That(One("base", "serviceaccount.yaml")["automountServiceAccountToken"].Text(), Is.EqualTo("false"));
        });
    }

    [Test]
    public void What_is_written_to_is_a_volume_and_every_mount_has_one()
    {
        var volumes = Pod["volumes"]!.AsArray().Select(volume => volume!["name"].Text()).ToList();
        var mounts = Container["volumeMounts"]!.AsArray().ToDictionary(mount => mount!["mountPath"].Text(), mount => mount!);

        Assert.That(mounts.Values.Select(mount => mount["name"].Text()), Is.EquivalentTo(volumes));
        Assert.That(mounts[DeployedSettings.OfImage()["Gathering__SpoolFolder"]]["readOnly"], Is.Null);
        Assert.That(mounts[DeployedSettings.OfImage()["SecretsFolder"]]["readOnly"].Text(), Is.EqualTo("true"));
    }

    [Test]
    public void There_is_time_to_end()
    {
        var before = Seconds(Container["lifecycle"]!["preStop"]!["sleep"]!["seconds"]);

        Assert.That(Seconds(Pod["terminationGracePeriodSeconds"]), Is.GreaterThan(before + 2 * 10), "it ends within ten seconds");
    }

    [Test]
    public void Selectors_select_the_pod()
    {
        var labels = Deployment["spec"]!["template"]!["metadata"]!["labels"]!.ToJsonString();

        Assert.That(
            new[]
            {
                Deployment["spec"]!["selector"]!["matchLabels"], One("base", "service.yaml")["spec"]!["selector"],
                One("base", "poddisruptionbudget.yaml")["spec"]!["selector"]!["matchLabels"], One("base", "networkpolicy.yaml")["spec"]!["podSelector"]!["matchLabels"],
            }.Select(selector => selector!.ToJsonString()),
            Is.All.EqualTo(labels));
    }

    [Test]
    public void What_goes_out_goes_to_named_places_only()
    {
        foreach (var policy in new[] { One("base", "networkpolicy.yaml"), One("example", "partners.yaml") })
        {
            foreach (var rule in policy["spec"]!["egress"]!.AsArray())
            {
                Assert.That(rule!["to"]?.AsArray(), Is.Not.Null.And.Not.Empty);
                Assert.That(rule["ports"]?.AsArray(), Is.Not.Null.And.Not.Empty);
            }
        }

        var networks = JsonNode.Parse(File.ReadAllText(DeployFiles.At("kubernetes", "example", "appsettings.json")))!;
        Assert.That(
            One("example", "partners.yaml")["spec"]!["egress"]!.AsArray().SelectMany(rule => rule!["to"]!.AsArray()).Select(to => to!["ipBlock"]?["cidr"].Text()).OfType<string>(),
            Is.EquivalentTo(new[] { networks["Ehrs"]!["main"]!["Networks"]![0]!.GetValue<string>(), networks["Recipients"]!["urology-east"]!["Networks"]![0]!.GetValue<string>() }), "the service says the same");
    }

    [Test]
    public void The_autoscaler_asks_for_a_figure_that_the_service_has_and_for_queues_that_are_its()
    {
        var queries = string.Join('\n', One("keda", "scaledobject.yaml")["spec"]!["triggers"]!.AsArray().Select(trigger => trigger!["metadata"]!["query"]).OfType<JsonValue>().Select(query => query.Text()));
        var metrics = File.ReadAllText(Path.Combine(DeployFiles.Folder, "..", "docs", "interfaces.md"));

        Assert.That(queries, Does.Contain("referral_oldest_open_seconds").And.Contain("referral.wake-ups.(package|deliver)"));
        Assert.That(metrics, Does.Contain("`referral_oldest_open_seconds").And.Contain("`referral.wake-ups.package`"));
    }

    [Test]
    public void What_the_autoscaler_asks_is_what_its_test_asks()
    {
        var query = One("keda", "scaledobject.yaml")["spec"]!["triggers"]!.AsArray().Select(trigger => trigger!["metadata"]!["query"]).OfType<JsonValue>().Select(asked => asked.Text())
            .Single(asked => asked.Contains("referral_oldest_open_seconds", StringComparison.Ordinal));
        var tested = DeployFiles.Yaml("dashboards", "tests", "autoscaler.test.yaml").Single()["tests"]!.AsArray()
            .SelectMany(test => test!["promql_expr_test"]!.AsArray()).Select(test => test!["expr"].Text()).ToList();

        Assert.That(tested, Is.Not.Empty.And.All.EqualTo(query));
    }

    [Test]
    public void The_documented_Secret_has_exactly_what_the_template_names()
    {
        var command = File.ReadLines(DeployFiles.At("README.md")).Single(line => line.Contains("create secret generic referral-service ", StringComparison.Ordinal));
        var given = Regex.Matches(command, @"--from-file=(\S+)").Select(match => match.Groups[1].Value).ToList();

        Assert.That(given.Select(file => Path.GetFileName(file)), Is.EquivalentTo(One("secret.template.yaml")["stringData"]!.AsObject().Select(secret => secret.Key)));
        Assert.That(given, Is.All.StartsWith("deploy/secrets/"));
    }

    [Test]
    public void Kustomize_builds_the_example()
    {
        var kubectl = DeployFiles.Need("kubectl", "the overlay is not built");

        var (code, output) = DeployFiles.Run(kubectl, ["kustomize", "kubernetes/example"]);

        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain("registry.example.org/referral-service:").And.Contain("kind: ScaledObject").And.Contain("cidr: 10.20.0.0/16").And.Contain("name: rabbitmq"));
        Assert.That(output, Does.Not.Contain("kind: HorizontalPodAutoscaler"), "two autoscalers would fight");
    }

    private static JsonNode One(params string[] path) => DeployFiles.Yaml(["kubernetes", .. path]).Single();

    private static int Seconds(JsonNode? node) => int.Parse(node.Text(), CultureInfo.InvariantCulture);
}
