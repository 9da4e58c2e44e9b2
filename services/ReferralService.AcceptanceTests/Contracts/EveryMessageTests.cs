using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using ReferralService.AcceptanceTests.Flow;
using ReferralService.AcceptanceTests.Intake;
using ReferralService.AcceptanceTests.Status;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Contracts;
using ReferralService.Sandbox.Consultant;
using ReferralService.Tests.Contracts;

namespace ReferralService.AcceptanceTests.Contracts;

/// <summary>Every kind of message there is, taken from a real broker after a walk that brings all of them about, held against contracts/; and the samples, which hear the same.</summary>
[TestFixture]
internal sealed class EveryMessageTests
{
    private const string Secret = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(90);
    private static readonly string[] Languages = ["python", "node"];

    private readonly Dictionary<string, SampleProcess> _samples = [];
    private readonly List<JsonElement> _answers = [];
    private readonly List<string> _ids = [];
    private RabbitMqBroker _broker = null!;
    private Scene _scene = null!;
    private SandboxConsultant _refusing = null!;
    private ServiceReplica _service = null!;
    private StatusListener _listener = null!;
    private CommandClient _commands = null!;
    private IReadOnlyList<HeardEvent> _heard = [];

    [OneTimeSetUp]
    public async Task Walk()
    {
        _broker = await SharedBroker.GetAsync();
        _listener = await StatusListener.StartAsync(_broker.Address);
        _scene = await Scene.StartAsync();
        _refusing = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { RefusedTypes = new HashSet<string> { "Observation" } });
        _service = await ServiceReplica.StartNewAsync(_scene.Settings(
        [
            ("Bus:Transport", "RabbitMq"), ("Bus:RabbitMq", _broker.Address.OriginalString),
            ("Recipients:refusing:BaseUrl", _refusing.Base), ("Recipients:refusing:Form", "Transaction"), ("Recipients:away:BaseUrl", "http://127.0.0.1:9/fhir"), ("Recipients:away:Form", "Document"),
            .. await StartSamplesAsync(),
        ]));
        _commands = await CommandClient.ConnectAsync(_broker);

        var delivered = await CommandAsync(new { command = "submit", serviceRequest = _scene.WriteOrder(60), recipient = "east", ehr = "main" });
        var failed = await CommandAsync(new { command = "submit", serviceRequest = _scene.WriteOrder(61), recipient = "refusing", ehr = "main" });
        var cancelled = await CommandAsync(new { command = "submit", serviceRequest = _scene.WriteOrder(62), recipient = "away", ehr = "main" });
        var retried = await CommandAsync(new { command = "submit", serviceRequest = _scene.WriteOrder(63, text => text.Replace("uro-east", "uro-nowhere", StringComparison.Ordinal)), ehr = "main" });
        await _service.UntilStateAsync(delivered!, "delivered");
        await _service.UntilStateAsync(failed!, "failed");
        await _service.UntilAsync("put off", async () => (await _service.ShowAsync(cancelled!)).GetProperty("timeline").EnumerateArray().Any(line => line.GetProperty("event").GetString() == "deferred"));
        await CommandAsync(new { command = "cancel", referralId = cancelled });
        await _service.UntilStateAsync(retried!, "held");
        await CommandAsync(new { command = "retry", referralId = retried, recipient = "east" });
        await _service.UntilStateAsync(retried!, "delivered");
        await _service.UntilStateAsync(cancelled!, "cancelled");
        await CommandAsync(new { command = "cancel", referralId = delivered });

        var events = 0;
        foreach (var id in _ids) events += (await _service.ShowAsync(id)).GetProperty("timeline").EnumerateArray().Count(line => line.GetProperty("sequence").ValueKind == JsonValueKind.Number);
        _heard = await _listener.WaitForAsync(_ids, events, Ceiling);
    }

    [OneTimeTearDown]
    public async Task End()
    {
        foreach (var sample in _samples.Values) await sample.DisposeAsync();
        foreach (var part in new IAsyncDisposable?[] { _commands, _service, _listener, _refusing, _scene })
        {
            if (part is not null) await part.DisposeAsync();
        }
    }

    [Test]
    public void Every_event_that_is_sent_was_heard_and_each_is_as_its_schema_says()
        => Assert.Multiple(() =>
        {
            Assert.That(_heard.Select(heard => heard.Type).Distinct(), Is.EquivalentTo(EventTypes.Sent));
            Assert.That(_heard.SelectMany(HeardWell.Faults), Is.Empty);
        });

    [Test]
    public void Answers_to_commands_are_as_their_schema_says()
        => Assert.Multiple(() =>
        {
            Assert.That(_answers.Select(answer => answer.GetProperty("accepted").GetBoolean()).Distinct(), Is.EquivalentTo(new[] { true, false }));
            Assert.That(_answers.SelectMany(answer => SchemaChecker.Check(Schema("command-answer"), answer)), Is.Empty);
        });

    [Test]
    public async Task What_cannot_be_read_is_set_aside_with_a_reason_of_the_list()
    {
        await using var connection = await new ConnectionFactory { Uri = _broker.Address }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var body = Encoding.UTF8.GetBytes($"no command {Guid.CreateVersion7()}");
        await channel.BasicPublishAsync("", "referral.commands", mandatory: true, new BasicProperties(), body);

        BasicGetResult? found = null;
        await _service.UntilAsync("set aside", async () => (found = await channel.BasicGetAsync("referral.commands.rejected", autoAck: true))?.Body.Span.SequenceEqual(body) == true);

        var reason = JsonSerializer.SerializeToElement(Encoding.UTF8.GetString((byte[])found!.BasicProperties.Headers!["reason"]!));
        Assert.That(SchemaChecker.Check(Schema("reason-code"), reason), Is.Empty);
    }

    [TestCaseSource(nameof(Languages))]
    public Task A_sample_hears_over_the_broker_what_we_hear(string language) => HearsAsync(language, $"{language} status");

    [TestCaseSource(nameof(Languages))]
    public Task A_sample_hears_by_webhook_what_we_hear(string language) => HearsAsync(language, $"{language} webhook");

    [TestCaseSource(nameof(Languages))]
    public async Task A_sample_submits_and_is_told_the_answer(string language)
    {
        Need(language);
        await using var good = SampleProcess.Start(language, "submit", null, _broker.Address.OriginalString, "main", _scene.WriteOrder(language.Length + 70), "east");
        await using var bad = SampleProcess.Start(language, "submit", null, _broker.Address.OriginalString, "nowhere", "ServiceRequest/1");

        Assert.That((await good.ExitedAsync(), await bad.ExitedAsync()), Is.EqualTo((0, 1)), string.Join('\n', good.Lines.Concat(bad.Lines)));
        await good.UntilAsync(lines => lines.Count > 0);
        Assert.That(JsonDocument.Parse(good.Lines[0]).RootElement.GetProperty("accepted").GetBoolean(), Is.True);
    }

    private async Task HearsAsync(string language, string sample)
    {
        Need(language);
        var told = _heard.DistinctBy(heard => heard.Id).GroupBy(heard => heard.Referral).ToDictionary(own => own.Key, own => own.OrderBy(heard => heard.Sequence).Select(Line).ToList());

        await _samples[sample].UntilAsync(lines => lines.Count(line => told.ContainsKey(line.Split(' ')[0])) >= told.Values.Sum(own => own.Count));

        var printed = _samples[sample].Lines.Where(line => told.ContainsKey(line.Split(' ')[0])).GroupBy(line => line.Split(' ')[0]).ToDictionary(own => own.Key, own => own.ToList());
        Assert.That(printed, Is.EquivalentTo(told));
    }

    private static string Line(HeardEvent heard)
    {
        var data = heard.Body.GetProperty("data");
        return $"{heard.Referral} {heard.Sequence} {heard.Type} {data.GetProperty("state").GetString()} {data.GetProperty("errorCode").GetString() ?? "-"}";
    }

    /// <summary>Receivers and consumers, before anything happens; and the settings by which the service finds the receivers.</summary>
    private async Task<List<(string, string)>> StartSamplesAsync()
    {
        var settings = new List<(string, string)>();
        foreach (var language in Languages.Where(language => SampleProcess.WhyNot(language) is null))
        {
            var port = FreePort.Take();
            _samples[$"{language} status"] = SampleProcess.Start(language, "status", null, _broker.Address.OriginalString, $"sample.{language}.{Guid.CreateVersion7()}");
            var receiver = _samples[$"{language} webhook"] = SampleProcess.Start(language, "webhook", Secret, $"{port}");
            await receiver.UntilAsync(lines => lines.Contains("listening"));
            settings.AddRange([($"Webhooks:{language}:Url", $"http://127.0.0.1:{port}/"), ($"Webhooks:{language}:Secret", Secret)]);
        }

        return settings;
    }

    private static void Need(string language)
    {
        if (SampleProcess.WhyNot(language) is { } why) Assert.Ignore(why);
    }

    /// <summary>The referral's id where it was accepted.</summary>
    private async Task<string?> CommandAsync(object command)
    {
        var body = JsonSerializer.SerializeToNode(command)!.AsObject();
        body["id"] = Guid.CreateVersion7();
        var answer = await _commands.AskAsync(body.ToJsonString());
        _answers.Add(answer);
        if (!answer.GetProperty("accepted").GetBoolean()) return null;
        var id = answer.GetProperty("referralId").GetString()!;
        if (!_ids.Contains(id)) _ids.Add(id);
        return id;
    }

    private static JsonElement Schema(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(ContractFiles.Schemas, $"{name}.json"))).RootElement;
}
