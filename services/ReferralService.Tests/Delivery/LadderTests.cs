using System.Text;
using System.Text.Json;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Delivery;

/// <summary>The delivery safety ladder: five kinds of recipient, four ways to lose an answer, one service. One effect wherever it can be proved, a person's word where it cannot, nowhere two.</summary>
[Fault("C01")]
[Fault("C02")]
internal sealed class LadderTests
{
    private static readonly DateTimeOffset Day = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<(ConsultantCharacter, Loss), (SandboxConsultant Consultant, string Referral)> _cases = [];
    private SandboxEhr _ehr = null!;
    private RunningService _service = null!;

    public enum Loss
    {
        AnswerLost,
        AnsweredTooLate,
        FailedAfterCommit,
        KilledBeforeCommit,
    }

    [OneTimeSetUp]
    public async Task SendOneToEach()
    {
        _ehr = await SandboxEhr.StartAsync();
        var settings = new Dictionary<string, string> { ["Ehrs:main:BaseUrl"] = _ehr.Base, ["Ehrs:main:PollInterval"] = "00:00:00", ["Delivery:AttemptTimeout"] = "00:00:01" };
        foreach (var character in Enum.GetValues<ConsultantCharacter>())
        {
            foreach (var loss in Enum.GetValues<Loss>())
            {
                var consultant = await SandboxConsultant.StartAsync(SandboxConsultantOptions.Of(character));
                consultant.Faults.Add(FaultFor(loss));
                _cases[(character, loss)] = (consultant, "");
                settings[$"Recipients:{Name(character, loss)}:BaseUrl"] = consultant.Base;
                settings[$"Recipients:{Name(character, loss)}:Idempotency"] = character == ConsultantCharacter.IdempotencyKey ? "IdempotencyKey" : "Auto";
            }
        }

        _service = await RunningService.StartAsync(settings);
        var story = SecondOpinionCase.Create(seed: 11, Day, CasePerformer.UrologyEast);
        _ehr.Load(story.Record);
        var order = _ehr.Write(Encoding.UTF8.GetString(story.Order.Utf8.Span));
        foreach (var (character, loss) in _cases.Keys.ToList())
        {
            _cases[(character, loss)] = (_cases[(character, loss)].Consultant, await _service.SubmitAsync(order, Name(character, loss)));
        }
    }

    [OneTimeTearDown]
    public async Task StopAll()
    {
        await _service.DisposeAsync();
        await _ehr.DisposeAsync();
        foreach (var (consultant, _) in _cases.Values)
        {
            await consultant.DisposeAsync();
        }
    }

    [Test, Combinatorial]
    public async Task What_can_be_proved_arrives_once_however_the_answer_is_lost(
        [Values(ConsultantCharacter.PutId, ConsultantCharacter.IfNoneExist, ConsultantCharacter.IdempotencyKey, ConsultantCharacter.Searchable)] ConsultantCharacter character,
        [Values] Loss loss)
    {
        var (consultant, referral) = _cases[(character, loss)];

        var shown = await _service.UntilAsync(referral, "delivered");
        await StruckAsync(consultant);

        Assert.That(consultant.Effects.All, Has.Count.EqualTo(1), shown.GetRawText());
    }

    [Test]
    public async Task Where_nothing_can_be_proved_a_person_decides_and_nothing_is_sent_again([Values] Loss loss)
    {
        var (consultant, referral) = _cases[(ConsultantCharacter.Nothing, loss)];

        var held = await _service.UntilAsync(referral, "held");
        await StruckAsync(consultant);

        Assert.Multiple(() =>
        {
            Assert.That(held.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("delivery-unknown"));
            Assert.That(consultant.Effects.All, Has.Count.EqualTo(loss == Loss.KilledBeforeCommit ? 0 : 1));
            Assert.That(consultant.Requests.All.Count(r => r.Method == "POST" && r.PathAndQuery == "/Bundle"), Is.EqualTo(1));
        });
    }

    [TestCase(ConsultantCharacter.PutId, "PutId")]
    [TestCase(ConsultantCharacter.IfNoneExist, "IfNoneExist")]
    [TestCase(ConsultantCharacter.IdempotencyKey, "IdempotencyKey")]
    [TestCase(ConsultantCharacter.Searchable, "Probe")]
    [TestCase(ConsultantCharacter.Nothing, "None")]
    public async Task What_was_found_of_each_shows_with_the_partners(ConsultantCharacter character, string expected)
    {
        var (_, referral) = _cases[(character, Loss.AnswerLost)];
        await _service.UntilAsync(referral, character == ConsultantCharacter.Nothing ? "held" : "delivered");
        using var answer = await _service.Http.GetAsync(new Uri("/api/partners", UriKind.Relative));
        var partners = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("items").EnumerateArray();
        var partner = partners.Single(p => p.GetProperty("name").GetString() == Name(character, Loss.AnswerLost));

        Assert.Multiple(() =>
        {
            Assert.That(partner.GetProperty("idempotency").GetString(), Is.EqualTo(expected));
            Assert.That(partner.GetProperty("idempotencyLearned").ValueKind, Is.EqualTo(character == ConsultantCharacter.IdempotencyKey ? JsonValueKind.Null : JsonValueKind.String));
        });
    }

    [Test]
    public async Task Each_attempt_says_by_what_its_repetition_was_harmless([Values] ConsultantCharacter character)
    {
        var (_, referral) = _cases[(character, Loss.AnswerLost)];
        var shown = await _service.UntilAsync(referral, character == ConsultantCharacter.Nothing ? "held" : "delivered");

        var by = shown.GetProperty("timeline").EnumerateArray().First(line => line.GetProperty("event").GetString() == "attempt").GetProperty("detail").GetProperty("by").GetString();

        Assert.That(by, Is.EqualTo(character switch { ConsultantCharacter.Searchable => "Probe", ConsultantCharacter.Nothing => "None", _ => character.ToString() }));
    }

    private static string Name(ConsultantCharacter character, Loss loss) => $"{character}-{loss}".ToLowerInvariant();

    private static Fault FaultFor(Loss loss) => loss switch
    {
        Loss.AnswerLost => new Fault { Method = "PUT,POST", Path = "^/Bundle", Cut = Cut.AfterProcessing },
        Loss.AnsweredTooLate => new Fault { Method = "PUT,POST", Path = "^/Bundle", Delay = TimeSpan.FromSeconds(1.5), Stubborn = true },
        Loss.FailedAfterCommit => new Fault { Method = "PUT,POST", Path = "^/Bundle", StatusAfter = 500 },
        _ => new Fault { Method = "PUT,POST", Path = "^/Bundle", Cut = Cut.BeforeProcessing },
    };

    /// <summary>The request that the fault struck has ended, the late one too.</summary>
    private static async Task StruckAsync(SandboxConsultant consultant)
    {
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!consultant.Requests.All.Any(r => r.Fault is not null))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ceiling.Token);
        }
    }
}
