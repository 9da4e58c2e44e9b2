using ReferralService.Contracts;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;
using ReferralService.Intake;
using ReferralService.Ledger;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.Serving;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering;

public sealed class OrderSweepTests
{
    private static readonly DateTimeOffset Cursor = new(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);
    private readonly List<SweptOrder> _stored = [];

    [TestCase("09:30:00", "10:00:00", "09:25:00", Description = "Five minutes behind the newest seen")]
    [TestCase(null, "10:00:00", "09:55:00", Description = "Nothing seen: behind the start")]
    [TestCase("23:00:00", "10:00:00", "09:55:00", Description = "An order from the future does not hide those to come")]
    [TestCase("09:02:00", "10:00:00", "09:00:00", Description = "Never back")]
    [TestCase(null, "08:00:00", "09:00:00", Description = "Never back when the EHR's clock is behind")]
    public void The_next_sweep_begins_at(string? newest, string started, string next)
        => Assert.That(OrderSweep.NextCursor(Cursor, newest is null ? null : At(newest), At(started)), Is.EqualTo(At(next)));

    [Test]
    public void The_query_carries_the_criteria_the_EHR_knows_and_a_whole_instant()
    {
        var criteria = OrderCriteria.Parse("ServiceRequest?status=active&intent=order&performer:identifier=a|b&category=x");
        var told = new CapabilityView
        {
            Resources = new Dictionary<string, ResourceCapability>
            {
                ["ServiceRequest"] = new(new HashSet<string>(), new HashSet<string> { "status", "category", "_lastUpdated" }, new HashSet<string>(), false, false),
            },
        };

        Assert.That(
            OrderSweep.Query(criteria, told, Cursor.AddTicks(1_230_000), 50, sorted: true),
            Is.EqualTo("status=active&category=x&_lastUpdated=ge2026-11-22T09:00:00.123Z&_sort=_lastUpdated&_count=50"));
        Assert.That(
            OrderSweep.Query(criteria, null, Cursor, 50, sorted: false),
            Is.EqualTo("status=active&intent=order&performer:identifier=a|b&category=x&_lastUpdated=ge2026-11-22T09:00:00.000Z&_count=50"));
    }

    [Test]
    public async Task Orders_since_the_cursor_are_stored_page_by_page_before_the_next_is_asked_for()
    {
        await using var bench = await GatherBench.StartAsync(new SandboxEhrOptions { Search = new SearchHabits(MaxPageSize: 2) });
        for (int i = 0; i < 5; i++) bench.Load(Order($"o{i}", $"2026-11-22T09:{10 + i}:00Z"));
        bench.Load(Order("before", "2026-11-22T08:00:00Z"), Order("done", "2026-11-22T09:20:00Z", "completed"));
        var askedWhenStored = new List<int>();

        var outcome = await bench.Sweep.RunAsync("main", Cursor, onOurClock: false, GatherBench.Now, (page, _) =>
        {
            _stored.AddRange(page);
            askedWhenStored.Add(bench.Ehr.Requests.All.Count(r => r.PathAndQuery.Contains("ServiceRequest", StringComparison.Ordinal) || r.PathAndQuery.Contains("_getpages", StringComparison.Ordinal)));
            return Task.CompletedTask;
        }, CancellationToken.None);

        Assert.That(_stored.Select(o => o.OrderId), Is.EqualTo(new[] { "o0", "o1", "o2", "o3", "o4" }));
        Assert.That(_stored, Is.All.Property(nameof(SweptOrder.Version)).EqualTo("7"));
        Assert.That(askedWhenStored, Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(outcome, Is.EqualTo(new SweepOutcome.Swept(At("09:09:00"), 5)));
    }

    [Test]
    public async Task A_page_that_could_not_be_stored_ends_the_sweep()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.Load(Order("o1", "2026-11-22T09:10:00Z"));

        Assert.That(
            () => bench.Sweep.RunAsync("main", Cursor, onOurClock: false, GatherBench.Now, (_, _) => throw new LedgerUnavailableException("full", new IOException()), CancellationToken.None),
            Throws.TypeOf<LedgerUnavailableException>());
    }

    [TestCase("_lastUpdated", 400, ReasonCodes.EhrError)]
    [TestCase("^/ServiceRequest", 403, ReasonCodes.AuthRefused)]
    [TestCase("^/ServiceRequest", 429, ReasonCodes.EhrThrottled)]
    [TestCase("^/ServiceRequest", 404, ReasonCodes.EndpointWrong)]
    public async Task A_sweep_that_is_refused_fails_with_a_code(string path, int status, string code)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.Ehr.Faults.Add(new Fault { Path = path, Status = status, RetryAfter = "90", Times = null });

        Assert.That(await SweepAsync(bench), Is.InstanceOf<SweepOutcome.Failed>().With.Property("Code").EqualTo(code));
    }

    [Test]
    public async Task A_server_that_cannot_sort_is_asked_without()
    {
        await using var bench = await GatherBench.StartAsync(ehrOptions: new EhrOptions { Name = "main", BaseUrl = new Uri("http://set.later"), Criteria = "ServiceRequest" });
        bench.Load(Order("o1", "2026-11-22T09:10:00Z"));
        bench.Ehr.Faults.Add(new Fault { Path = "_sort", Status = 400, Times = null });

        Assert.That(await SweepAsync(bench), Is.InstanceOf<SweepOutcome.Swept>());
        Assert.That(_stored, Is.EqualTo(new[] { new SweptOrder("o1", "7") }));
    }

    [TestCase("&_lastUpdated=ge2026-11-22T09:00:00.000Z", "old,new,undated", Description = "It says that it looked: its word counts, whatever the order's own says")]
    [TestCase("", "new,undated")]
    [Fault("E13")]
    public async Task A_server_that_says_it_ignored_the_time_brings_no_order_of_before_the_cursor(string self, string stored)
    {
        await using var bench = await GatherBench.StartAsync();
        string[] orders = [Order("old", "2019-03-01T08:00:00Z"), Order("new", "2026-11-22T09:10:00Z"), Order("undated", "").Replace(",\"lastUpdated\":\"\"", "", StringComparison.Ordinal)];
        var entries = string.Join(',', orders.Select(order => $"{{\"resource\":{order}}}"));
        bench.Ehr.Faults.Add(new Fault
        {
            Path = "^/ServiceRequest",
            Body = $$"""{"resourceType":"Bundle","type":"searchset","link":[{"relation":"self","url":"{{bench.Ehr.Base}}/ServiceRequest?_count=200{{self}}"}],"entry":[{{entries}}]}""",
        });

        Assert.That(await SweepAsync(bench), Is.EqualTo(new SweepOutcome.Swept(At("09:05:00"), stored.Split(',').Length)));
        Assert.That(_stored.Select(o => o.OrderId), Is.EqualTo(stored.Split(',')));
    }

    [Test]
    public async Task What_has_no_id_to_ask_for_is_counted_and_keeps_no_other_order_back()
    {
        await using var bench = await GatherBench.StartAsync();
        string[] entries =
        [
            $"{{\"resource\":{Order("sound", "2026-11-22T09:10:00Z")}}}",
            $"{{\"resource\":{Order("x", "2026-11-22T09:10:00Z").Replace("\"id\":\"x\",", "", StringComparison.Ordinal)}}}",
            $"{{\"resource\":{Order("not an id", "2026-11-22T09:10:00Z")}}}",
            """{"resource":{"resourceType":"ServiceRequest","status":"active","status":"active"}}""",
            """{"search":{"mode":"match"}}""",
            """{"resource":{"resourceType":"OperationOutcome","issue":[]},"search":{"mode":"outcome"}}""",
        ];
        bench.Ehr.Faults.Add(new Fault { Path = "^/ServiceRequest", Body = $$"""{"resourceType":"Bundle","type":"searchset","entry":[{{string.Join(',', entries)}}]}""" });

        Assert.That(await SweepAsync(bench), Is.InstanceOf<SweepOutcome.Swept>().With.Property("Nameless").EqualTo(4));
        Assert.That(_stored.Select(o => o.OrderId), Is.EqualTo(new[] { "sound" }));
    }

    [SetUp]
    public void Forget() => _stored.Clear();

    private Task<SweepOutcome> SweepAsync(GatherBench bench) => bench.Sweep.RunAsync("main", Cursor, onOurClock: false, GatherBench.Now, (page, _) =>
    {
        _stored.AddRange(page);
        return Task.CompletedTask;
    }, CancellationToken.None);

    private static DateTimeOffset At(string time) => new(2026, 11, 22, int.Parse(time[..2]), int.Parse(time[3..5]), int.Parse(time[6..]), TimeSpan.Zero);

    private static string Order(string id, string updated, string status = "active")
        => $$$"""{"resourceType":"ServiceRequest","id":"{{{id}}}","meta":{"versionId":"7","lastUpdated":"{{{updated}}}"},"status":"{{{status}}}","intent":"order","subject":{"reference":"Patient/p1"}}""";
}
