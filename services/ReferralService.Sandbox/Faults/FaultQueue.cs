namespace ReferralService.Sandbox.Faults;

/// <summary>The faults a server is to show. For a request the first that concerns it counts it; at most one strikes.</summary>
internal sealed class FaultQueue
{
    private readonly Lock _gate = new();
    private readonly List<Armed> _armed = [];

    public void Add(Fault fault)
    {
        lock (_gate) _armed.Add(new Armed(fault));
    }

    public void Clear()
    {
        lock (_gate) _armed.Clear();
    }

    /// <summary>How many requests have been struck so far.</summary>
    public int Struck { get; private set; }

    internal Fault? Next(string method, string pathAndQuery)
    {
        lock (_gate)
        {
            if (_armed.Count == 0) return null;
            foreach (var armed in _armed)
            {
                if (armed.Left == 0 || !armed.Fault.Concerns(method, pathAndQuery)) continue;
                if (armed.Skip > 0)
                {
                    armed.Skip--;
                    return null;
                }
                if (armed.Left > 0) armed.Left--;
                Struck++;
                return armed.Fault;
            }
            return null;
        }
    }

    private sealed class Armed(Fault fault)
    {
        public Fault Fault { get; } = fault;

        public int Skip { get; set; } = fault.Skip;

        /// <summary>Negative: without end.</summary>
        public int Left { get; set; } = fault.Times ?? -1;
    }
}
