using ReferralService.Flow;

namespace ReferralService.Benchmarks.Queueing;

/// <summary>
/// Referrals in time, event by event: each is gathered, then delivered; a step takes a place (of the process, of its partner), waits for the partner, then for a processor.
/// What fails is due again as the product's own back-off says. The same seed gives the same outcome.
/// </summary>
internal sealed class Simulation
{
    private enum Kind { Arrives, Due, Answered, Ends, Failed }

    private readonly Scenario _scenario;
    private readonly Random _orders;
    private readonly StepTime _time;
    private readonly PriorityQueue<(Kind Kind, Walker Walker), (long At, long Number)> _events = new();
    private readonly Queue<Walker>[] _waiting;
    private readonly int[] _busyWith;
    private readonly Queue<(Walker Walker, TimeSpan Cpu)> _ready = [];
    private readonly LinkedList<int> _lanes = [];
    private readonly List<double> _delays = [];
    private int _places, _processors, _open, _mostOpen, _arrived;
    private long _number, _attempts;
    private double _cpu, _openTime;
    private TimeSpan _now, _drained;

    private Simulation(Scenario scenario)
    {
        _scenario = scenario;
        // Two streams, so that the same orders come whatever is tried again.
        _orders = new Random(scenario.Seed);
        _time = new StepTime(TimeProvider.System, new Random(scenario.Seed + 1).NextDouble, scenario.LongestDelay);
        _places = scenario.Replicas * scenario.MaxInFlight;
        _processors = scenario.Replicas * scenario.Cores;
        _waiting = [.. Enumerable.Range(0, scenario.Ehrs + scenario.Recipients).Select(_ => new Queue<Walker>())];
        _busyWith = new int[_waiting.Length];
    }

    public static Outcome Run(Scenario scenario) => new Simulation(scenario).Run();

    private Outcome Run()
    {
        ScheduleArrival(TimeSpan.Zero);
        while (_events.TryDequeue(out var happening, out var when))
        {
            var at = TimeSpan.FromTicks(when.At);
            _openTime += _open * (at - _now).TotalSeconds;
            _now = at;
            Happen(happening.Kind, happening.Walker);
        }

        _delays.Sort();
        return new(
            _arrived, _delays.Count, _mostOpen, _scenario.Outages.Count == 0 ? null : Max(_drained - _scenario.LastOutageEnds, TimeSpan.Zero), At(0.5), At(0.99), At(1),
            _cpu / Math.Max(1e-9, _now.TotalSeconds * _scenario.Replicas * _scenario.Cores), _attempts, _openTime / Math.Max(1e-9, _now.TotalSeconds),
            TimeSpan.FromSeconds(_delays.Count == 0 ? 0 : _delays.Average()), _now);

        TimeSpan At(double part) => _delays.Count == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(_delays[Math.Min(_delays.Count - 1, (int)(part * _delays.Count))]);
    }

    private void Happen(Kind kind, Walker walker)
    {
        switch (kind)
        {
            case Kind.Arrives:
                _arrived++;
                _mostOpen = Math.Max(_mostOpen, ++_open);
                ScheduleArrival(_now);
                Queue(walker);
                break;
            case Kind.Due:
                Queue(walker);
                break;
            case Kind.Answered:
                var cpu = walker.Delivers ? _scenario.DeliverCpu : _scenario.GatherCpu;
                if (cpu > TimeSpan.Zero)
                {
                    _ready.Enqueue((walker, cpu));
                    Process();
                    break;
                }

                // What needs no processor does not wait for one.
                Free(walker);
                Through(walker);
                break;
            case Kind.Failed:
                Free(walker);
                // The product's own: what grows and how far, and the jitter.
                Schedule(Kind.Due, walker, _now + _time.Delay(walker.Tries++, retryAfter: null));
                break;
            default:
                _processors++;
                Free(walker);
                Through(walker);
                Process();
                break;
        }

        Begin();
    }

    private void Through(Walker walker)
    {
        walker.Tries = 0;
        if (!walker.Delivers)
        {
            walker.Delivers = true;
            Queue(walker);
            return;
        }

        _open--;
        _delays.Add((_now - walker.Came).TotalSeconds);
        if (walker.Came < _scenario.LastOutageEnds) _drained = _now;
    }

    private void Queue(Walker walker)
    {
        int lane = LaneOf(walker);
        if (_waiting[lane].Count == 0) _lanes.AddLast(lane);
        _waiting[lane].Enqueue(walker);
    }

    /// <summary>Lanes by turns, as far as there are places; a lane whose partner's places are taken is passed over.</summary>
    private void Begin()
    {
        for (var node = _lanes.First; node is not null && _places > 0;)
        {
            var next = node.Next;
            int lane = node.Value, limit = lane < _scenario.Ehrs ? _scenario.PerEhr : _scenario.PerRecipient;
            while (_places > 0 && _busyWith[lane] < limit && _waiting[lane].TryDequeue(out var walker)) Begin(walker, lane);
            if (_waiting[lane].Count == 0) _lanes.Remove(node);
            node = next;
        }
    }

    private void Begin(Walker walker, int lane)
    {
        _attempts++;
        _places--;
        _busyWith[lane]++;
        bool away = _scenario.Outages.Any(outage => outage.Covers(walker.Delivers, walker.Delivers ? walker.Recipient : walker.Ehr, _now));
        if (away) Schedule(Kind.Failed, walker, _now + _scenario.FailAfter);
        else Schedule(Kind.Answered, walker, _now + (walker.Delivers ? _scenario.DeliverWait : _scenario.GatherWait));
    }

    private void Process()
    {
        while (_processors > 0 && _ready.TryDequeue(out var next))
        {
            _processors--;
            _cpu += next.Cpu.TotalSeconds;
            Schedule(Kind.Ends, next.Walker, _now + next.Cpu);
        }
    }

    private void Free(Walker walker)
    {
        _places++;
        _busyWith[LaneOf(walker)]--;
    }

    private int LaneOf(Walker walker) => walker.Delivers ? _scenario.Ehrs + walker.Recipient : walker.Ehr;

    /// <summary>A Poisson stream whose rate is the hour's: drawn at the highest rate and thinned.</summary>
    private void ScheduleArrival(TimeSpan after)
    {
        double mean = _scenario.Hours.Average(), highest = _scenario.Hours.Max() / mean;
        double perSecond = _scenario.PerYear * _scenario.Peak / (365 * 86_400);
        if (perSecond <= 0) return;
        for (var at = after; ;)
        {
            at += TimeSpan.FromSeconds(-Math.Log(1 - _orders.NextDouble()) / (perSecond * highest));
            if (at >= _scenario.Length) return;
            if (_orders.NextDouble() * highest > _scenario.Hours[(int)(at.TotalHours % 24) * _scenario.Hours.Count / 24] / mean) continue;
            Schedule(Kind.Arrives, new Walker { Came = at, Ehr = _orders.Next(_scenario.Ehrs), Recipient = _orders.Next(_scenario.Recipients) }, at);
            return;
        }
    }

    private void Schedule(Kind kind, Walker walker, TimeSpan at) => _events.Enqueue((kind, walker), (at.Ticks, _number++));

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private sealed class Walker
    {
        public required TimeSpan Came { get; init; }

        public required int Ehr { get; init; }

        public required int Recipient { get; init; }

        public bool Delivers { get; set; }

        public int Tries { get; set; }
    }
}
