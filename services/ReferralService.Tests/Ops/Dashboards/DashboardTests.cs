using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Contracts;
using ReferralService.Tests.Flow;
using ReferralService.Tests.Ops.Metrics;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops.Dashboards;

/// <summary>deploy/dashboards speak of metrics and labels that are really there, and lead to places of the runbook that exist.</summary>
internal sealed partial class DashboardTests : WalkScene
{
    /// <summary>What Prometheus itself adds to every series, and to a histogram's buckets.</summary>
    private static readonly string[] Everywhere = ["job", "instance", "le"];

    private static readonly string Root = Path.GetFullPath(Path.Combine(ContractFiles.Folder, ".."));

    private static readonly string Folder = Path.Combine(Root, "deploy", "dashboards");

    [Test]
    public async Task Every_metric_and_label_of_panels_and_rules_is_in_what_metrics_says_after_a_walk()
    {
        var exposed = await AfterAWalkAsync();
        var faults = new List<string>();
        foreach (var expression in PanelExpressions().Concat(RuleExpressions()))
        {
            var (selected, grouped) = PromQuery.Read(expression);
            if (selected.Count == 0) faults.Add($"no metric in {expression}");
            foreach (var (metric, labels) in selected.Where(one => one.Metric != "up"))
            {
                var samples = exposed.Samples.Where(sample => sample.Name == metric).ToList();
                if (samples.Count == 0) faults.Add($"{metric} is not exposed: {expression}");
                else faults.AddRange(labels.Except(Everywhere).Where(label => !samples[0].Labels.ContainsKey(label)).Select(label => $"{metric} has no label {label}: {expression}"));
            }

            var known = selected.SelectMany(one => exposed.Samples.Where(sample => sample.Name == one.Metric).SelectMany(sample => sample.Labels.Keys)).Concat(Everywhere).ToHashSet();
            faults.AddRange(grouped.Where(label => !known.Contains(label)).Select(label => $"nothing has label {label}: {expression}"));
        }

        Assert.That(faults, Is.Empty);
    }

    [Test]
    public void Every_alert_says_what_is_wrong_and_where_the_runbook_has_it()
    {
        var rules = File.ReadAllText(Path.Combine(Folder, "alerts.yaml"));
        var runbook = File.ReadAllText(Path.Combine(Root, "docs", "runbook.md"));
        var anchors = Headings().Matches(runbook).Select(match => Slug(match.Groups[1].Value)).Concat(Anchors().Matches(runbook).Select(match => match.Groups[1].Value)).ToHashSet();
        var alerts = Regex.Count(rules, "^ +- alert: ", RegexOptions.Multiline);
        var links = Links().Matches(rules).Select(match => match.Groups[1].Value).ToList();

        Assert.Multiple(() =>
        {
            Assert.That(alerts, Is.GreaterThanOrEqualTo(8));
            Assert.That(Regex.Count(rules, "^ +summary: \".{20,}\"$", RegexOptions.Multiline), Is.EqualTo(alerts));
            Assert.That(links, Has.Count.EqualTo(alerts));
            Assert.That(links.Where(link => !anchors.Contains(link)), Is.Empty, "anchors that docs/runbook.md does not have");
        });
    }

    [Test]
    public void Panels_have_titles_ids_of_their_own_and_do_not_overlap()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "referral-service.json")));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();
        var places = panels.SelectMany(panel => Cells(panel.GetProperty("gridPos"))).ToList();

        Assert.Multiple(() =>
        {
            Assert.That(panels, Has.Count.GreaterThan(20));
            Assert.That(panels.Select(panel => panel.GetProperty("id").GetInt32()), Is.Unique);
            Assert.That(panels.Select(panel => panel.Text("title")), Is.All.Not.Empty);
            Assert.That(places, Is.Unique);
        });
    }

    [TestCase("check", "rules", "alerts.yaml")]
    [TestCase("test", "rules", "tests/alerts.test.yaml")]
    [TestCase("test", "rules", "tests/autoscaler.test.yaml")]
    public async Task Prometheus_own_tool_takes_the_rules(string verb, string what, string file)
    {
        var (code, said) = await PromtoolAsync(null, verb, what, Path.Combine(Folder, file));

        Assert.That(code, Is.Zero, said);
    }

    [Test]
    public async Task Prometheus_own_tool_takes_what_metrics_says()
    {
        await using var service = await RunningService.StartAsync(Settings());
        await service.UntilAsync(await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast)), "delivered");

        var (code, said) = await PromtoolAsync(await service.Http.GetStringAsync("/metrics"), "check", "metrics");

        // 3: it can be read, and something of its style is not as Prometheus advises.
        Assert.That(code is 0 or 3, said);
        Assert.That(said, Does.Not.Contain("error while linting"));
    }

    /// <summary>A walk with a hook, a sweep, a webhook and a certificate; what only a broker brings is counted by hand.</summary>
    private async Task<Exposition> AfterAWalkAsync()
    {
        await using var service = await RunningService.StartAsync(Settings(
            ("Ehrs:main:NotificationSecret", "s3cret-of-this-test"), ("Webhooks:crm:Url", "http://127.0.0.1:9/hook"),
            ("Webhooks:crm:Secret", $"whsec_{Convert.ToBase64String(new byte[32])}")));
        var order = WriteCase(CasePerformer.UrologyEast);
        using var hook = new HttpRequestMessage(HttpMethod.Post, "/fhir/notify/main") { Headers = { Authorization = new("Bearer", "s3cret-of-this-test") } };
        using var taken = await service.Http.SendAsync(hook);
        await service.UntilAsync(await service.SubmitAsync(order), "delivered");
        var contacts = service.Services.GetRequiredService<PartnerContacts>();
        contacts.ShowedCertificate(PartnerKind.Recipient, "east", TimeProvider.System.GetUtcNow().AddDays(90), TimeProvider.System.GetUtcNow());
        Measures.Entered("failed", "refused");
        Measures.SweptOver("main", "swept");
        return Exposition.Read(await service.Http.GetStringAsync("/metrics"));
    }

    private static IEnumerable<string> PanelExpressions()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "referral-service.json")));
        return [.. dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(panel => panel.TryGetProperty("targets", out _))
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.Text("expr")!)];
    }

    private static IEnumerable<string> RuleExpressions() => Expressions().Matches(File.ReadAllText(Path.Combine(Folder, "alerts.yaml"))).Select(match => match.Groups[1].Value);

    private static IEnumerable<(int X, int Y)> Cells(JsonElement place)
        => from x in Enumerable.Range(place.GetProperty("x").GetInt32(), place.GetProperty("w").GetInt32())
           from y in Enumerable.Range(place.GetProperty("y").GetInt32(), place.GetProperty("h").GetInt32())
           select (x, y);

    private static async Task<(int Code, string Said)> PromtoolAsync(string? input, params string[] arguments)
    {
        const string Tool = "/usr/bin/promtool";
        if (!File.Exists(Tool)) Assert.Ignore("promtool is not here (Debian package prometheus); deploy/test.sh installs it where it may.");
        using var tool = Process.Start(new ProcessStartInfo(Tool, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = Task.WhenAll(tool.StandardOutput.ReadToEndAsync(), tool.StandardError.ReadToEndAsync());
        if (input is not null) await tool.StandardInput.WriteAsync(input);
        tool.StandardInput.Close();
        await tool.WaitForExitAsync();
        return (tool.ExitCode, string.Join('\n', await said));
    }

    /// <summary>As GitHub makes an anchor of a heading.</summary>
    private static string Slug(string heading) => new([.. heading.ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_').Select(c => c == ' ' ? '-' : c)]);

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Headings();

    [GeneratedRegex("<a id=\"([^\"]+)\">")]
    private static partial Regex Anchors();

    [GeneratedRegex(@"^ +runbook_url: docs/runbook\.md#(\S+)$", RegexOptions.Multiline)]
    private static partial Regex Links();

    [GeneratedRegex("^ +expr: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Expressions();
}
