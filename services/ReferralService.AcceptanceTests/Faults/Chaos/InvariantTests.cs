using ReferralService.AcceptanceTests.Chaos;
using ReferralService.AcceptanceTests.Chaos.Invariants;
using ReferralService.AcceptanceTests.Chaos.Truth;

namespace ReferralService.AcceptanceTests.Faults.Chaos;

/// <summary>Each judge of the rig is handed good evidence, and then the same with one thing wrong.</summary>
[TestFixture]
internal sealed class InvariantTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    [Test]
    public void Good_evidence_breaks_nothing() => Assert.That(Invariant.All.SelectMany(i => i.Breaches(Good())), Is.Empty);

    [Test]
    public void Good_evidence_exercises_everything_and_none_exercises_nothing()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Invariant.All.Where(i => !i.Judge(Good()).Held).Select(i => i.Name), Is.Empty);
            Assert.That(Invariant.All.Where(i => i.Judge(new Evidence()).Exercised).Select(i => i.Name), Is.Empty);
        });
    }

    [TestCaseSource(nameof(Doctored))]
    public void Doctored_evidence_is_seen(string invariant, Func<Evidence, Evidence> doctor)
    {
        var breaches = Invariant.All.Single(i => i.Name == invariant).Breaches(doctor(Good())).ToList();

        Assert.That(breaches, Is.Not.Empty);
    }

    [Test]
    public void Every_invariant_is_shown_to_fail()
        => Assert.That(Doctored().Select(c => c.Arguments[0]).Distinct(), Is.EquivalentTo(Invariant.All.Select(i => i.Name)));

    private static IEnumerable<TestCaseData> Doctored()
    {
        yield return Case("I1", "a referral is gone", e => e with { Referrals = [] });
        yield return Case("I1", "a referral is left under way", e => e with { Referrals = [e.Referrals[0] with { State = "delivering" }] });
        yield return Case("I1", "a referral is held", e => e with { Referrals = [e.Referrals[0] with { State = "held", ErrorCode = "poison" }] });
        yield return Case("I1", "delivered, and the consultant has nothing", e => e with { Effects = [] });
        yield return Case("I1", "delivered to another", e => e with { Effects = [e.Effects[0] with { Consultant = "post" }] });
        yield return Case("I2", "created twice", e => e with { Effects = [Created(e, "Bundle/1"), Created(e, "Bundle/2")] });
        yield return Case("I2", "created again at one place", e => e with { Effects = [Created(e, "Bundle/1"), Created(e, "Bundle/1")] });
        yield return Case("I2", "put again with other bytes", e => e with { Effects = [e.Effects[0], e.Effects[0] with { Digest = "sha-256:other" }] });
        yield return Case("I2", "not the bytes of the ledger", e => e with { Effects = [e.Effects[0] with { Digest = "sha-256:other" }] });
        yield return Case("I2", "a package nobody made", e => e with { Effects = [.. e.Effects, e.Effects[0] with { Package = "p9", Key = "Bundle/p9" }] });
        yield return Case("I2", "a body without a package's id", e => e with { Effects = [.. e.Effects, e.Effects[0] with { Package = null }] });
        yield return Case("I3", "a gap in the timeline", e => e with { Timeline = [.. e.Timeline.Where(t => t.Sequence != 2)] });
        yield return Case("I3", "the row says otherwise", e => e with { Timeline = [.. e.Timeline.Select(t => t.Sequence == 4 ? t with { State = "packaged" } : t)] });
        yield return Case("I3", "two ends in one run", e => e with
        {
            Timeline = [.. e.Timeline, new TimelineRow(1, 5, 0, 5, "e5", "failed", "delivered", "p1")],
            Referrals = [e.Referrals[0] with { Sequence = 5 }],
            Heard = [.. e.Heard!, new HeardFact("e5", "r1", 5, "referral.failed", "5")],
        });
        yield return Case("I3", "heard out of order", e => e with { Heard = [e.Heard![1], e.Heard[0], .. e.Heard.Skip(2)] });
        yield return Case("I3", "one not heard", e => e with { Heard = [.. e.Heard!.Take(3)] });
        yield return Case("I3", "one id, two contents", e => e with { Heard = [.. e.Heard!, e.Heard![3] with { Text = "other" }] });
        yield return Case("I4", "a marker in the log", e => e with { Leaks = [new Leak("log")] });
        yield return Case("I4", "a record without markers", e => e with { Effects = [e.Effects[0] with { Canary = false }] });
        yield return Case("I5", "a cursor beyond an order nobody stored", e => e with { Cursors = [new CursorReading(At.AddMinutes(1), new HashSet<string>())] });
        yield return Case("I6", "slow beside another's trouble", e => e with { Latencies = [.. e.Latencies, new LatencySample("put", "post", TimeSpan.FromSeconds(3))] });
        yield return Case("I6", "one of forty beside another's trouble that never came", e => e with { Latencies = [.. e.Latencies, .. Beside("post", 39), new LatencySample("put", "post", null)] });
        yield return Case("I6", "slow beside one of two in trouble", e => e with { Latencies = [.. e.Latencies, .. Beside("post", 400), new LatencySample("put", "stranger", TimeSpan.FromSeconds(3))] });
        yield return Case("I7", "memory past its bound", e => e with { Resources = [new ResourceSample("process 1", TimeSpan.Zero, Bounded.ResidentBytes + 1, 0, 10, false)] });
        yield return Case("I7", "a write-ahead log without end", e => e with { Resources = [new ResourceSample("process 1", TimeSpan.Zero, 1, Bounded.WalBytes + 1, 10, false)] });
        yield return Case("I7", "memory that grows", e => e with
        {
            Resources = [.. Enumerable.Range(0, 90).Select(i => new ResourceSample("process 1", TimeSpan.FromSeconds(i), (100 + i) << 20, 0, 10, true))],
        });
        yield return Case("I7", "a loop", e => e with { Failures = [.. Enumerable.Range(0, 100).Select(i => new FailedRequest("ehr", "GET /metadata", At.AddMilliseconds(i * 50)))] });
        yield return Case("I8", "an effect without an attempt", e => e with { Referrals = [e.Referrals[0] with { Attempt = 0 }] });
        yield return Case("I8", "an effect that was never called delivered", e => e with { Timeline = [.. e.Timeline.Where(t => t.Event != "delivered")] });
        yield return Case("I9", "a backlog that stays", e => e with { Drains = [new Drain("kills", TimeSpan.FromMinutes(4), 3)] });
        yield return Case("I10", "a fault that health does not name", e => e with { Namings = [new Naming("broker killed", null)] });
        yield return Case("I10", "a fault named late", e => e with { Namings = [new Naming("broker killed", TimeSpan.FromSeconds(16))] });
        yield return Case("I11", "a result missing without a word", e => e with { Packages = new Dictionary<string, PackageContent> { ["p1"] = Content("Patient/1") } });
        yield return Case("I11", "no manifest", e => e with { Packages = new Dictionary<string, PackageContent>() });
        yield return Case("I12", "a draft was sent", e => e with { Orders = [e.Orders[0] with { Wanted = false }] });
    }

    private static TestCaseData Case(string invariant, string wrong, Func<Evidence, Evidence> doctor) => new TestCaseData(invariant, doctor).SetName($"{invariant}: {wrong}");

    private static IEnumerable<LatencySample> Beside(string trouble, int samples) => Enumerable.Repeat(new LatencySample("put", trouble, TimeSpan.FromMilliseconds(300)), samples);

    private static EffectFact Created(Evidence evidence, string key) => evidence.Effects[0] with { Interaction = "create", Key = key };

    private static PackageContent Content(params string[] keys) => new(keys.ToHashSet(), new HashSet<string>());

    private static Evidence Good() => new()
    {
        Orders = [new OrderFact("order-1", "put", true, At, ["Patient/1", "Observation/1"]), new OrderFact("order-2", "put", false, At, [])],
        Triggers = [new TriggerFact("order-1", "hook", At)],
        Effects = [new EffectFact("put", At, "update", "Bundle/p1", "sha-256:1", "p1", "order-1", true), new EffectFact("put", At, "update", "Bundle/p1", "sha-256:1", "p1", "order-1", true)],
        Referrals = [new ReferralRow(1, "r1", "order-1", "put", "delivered", null, 1, 4, "p1", "sha-256:1", false)],
        Timeline =
        [
            new TimelineRow(1, 1, 0, 1, "e1", "received", "received", null), new TimelineRow(1, 2, 0, 2, "e2", "gathered", "packaged", "p1"),
            new TimelineRow(1, 2, 1, 3, "e3", "packaged", "packaged", "p1"), new TimelineRow(1, 4, 0, 4, "e4", "delivered", "delivered", "p1"),
        ],
        Heard = [.. Enumerable.Range(1, 4).Select(i => new HeardFact($"e{i}", "r1", i, "referral.x", $"{i}")), new HeardFact("e4", "r1", 4, "referral.x", "4")],
        Cursors = [new CursorReading(At.AddMinutes(1), new HashSet<string> { "order-1" })],
        Packages = new Dictionary<string, PackageContent> { ["p1"] = new(new HashSet<string> { "Patient/1" }, new HashSet<string> { "Observation/1" }) },
        Latencies = [new LatencySample("put", null, TimeSpan.FromMilliseconds(200)), .. Beside("transaction", 1)],
        Resources = [new ResourceSample("process 1", TimeSpan.Zero, 100 << 20, 1 << 20, 200, true)],
        Failures = [new FailedRequest("ehr", "GET /metadata", At)],
        Drains = [new Drain("kills", TimeSpan.FromSeconds(3), 0)],
        Namings = [new Naming("broker killed", TimeSpan.FromSeconds(1))],
    };
}
