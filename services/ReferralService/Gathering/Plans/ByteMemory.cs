namespace ReferralService.Gathering.Plans;

/// <summary>What was made of a run of bytes, found again by the same bytes: a record says the same few dozen things hundreds of times. Not safe from several threads.</summary>
/// <param name="most">Bytes of runs that are remembered; of what comes beyond them nothing is.</param>
internal sealed class ByteMemory<T>(int most)
    where T : class
{
    private int[] _buckets = [];
    private Entry[] _entries = [];
    private byte[] _runs = [];
    private int _used;

    private struct Entry
    {
        public int Hash;

        /// <summary>Of the one that came into the bucket before, counted from 1; 0: none did.</summary>
        public int Next;
        public int Start;
        public int Length;
        public T Value;
    }

    public int Count { get; private set; }

    /// <param name="hash">To be given to <see cref="Remember"/>.</param>
    /// <returns>Null when nothing is remembered of them.</returns>
    public T? Find(ReadOnlySpan<byte> run, out int hash)
    {
        // Seeded anew in each process: nobody outside can make chains.
        var code = default(HashCode);
        code.AddBytes(run);
        hash = code.ToHashCode();
        if (_buckets.Length == 0) return null;
        for (int at = _buckets[hash & (_buckets.Length - 1)]; at != 0; at = _entries[at - 1].Next)
        {
            ref readonly var entry = ref _entries[at - 1];
            if (entry.Hash == hash && run.SequenceEqual(_runs.AsSpan(entry.Start, entry.Length))) return entry.Value;
        }

        return null;
    }

    /// <returns>False when there is no room: then it is as if nobody had asked.</returns>
    public bool Remember(ReadOnlySpan<byte> run, int hash, T value)
    {
        if (_used + run.Length > most) return false;
        if (Count == _entries.Length) Grow();
        if (_used + run.Length > _runs.Length) Array.Resize(ref _runs, Math.Max(2 * _runs.Length, Math.Max(2048, _used + run.Length)));
        run.CopyTo(_runs.AsSpan(_used));
        _entries[Count] = new Entry { Hash = hash, Start = _used, Length = run.Length, Value = value };
        _used += run.Length;
        Link(Count++);
        return true;
    }

    private void Grow()
    {
        int size = Math.Max(32, 2 * _entries.Length);
        Array.Resize(ref _entries, size);
        _buckets = new int[size];
        for (int at = 0; at < Count; at++) Link(at);
    }

    private void Link(int at)
    {
        ref int bucket = ref _buckets[_entries[at].Hash & (_buckets.Length - 1)];
        (_entries[at].Next, bucket) = (bucket, at + 1);
    }
}
