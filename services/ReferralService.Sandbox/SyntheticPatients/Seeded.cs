namespace ReferralService.Sandbox.SyntheticPatients;

/// <summary>Numbers from a seed (SplitMix64): the same on every machine and runtime, for ever.</summary>
internal sealed class Seeded(long seed)
{
    private ulong _state = unchecked((ulong)seed * 0x9E3779B97F4A7C15UL + 0x1234567);

    /// <summary>0 ≤ result &lt; <paramref name="below"/>.</summary>
    public int Next(int below) => (int)(NextUlong() % (uint)below);

    /// <summary>Between the two, to a thousandth.</summary>
    public double Between(double low, double high) => low + (high - low) * Next(1001) / 1000;

    public T Of<T>(IReadOnlyList<T> list) => list[Next(list.Count)];

    public void Fill(Span<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i += 8)
        {
            var word = NextUlong();
            for (var j = i; j < Math.Min(i + 8, bytes.Length); j++, word >>= 8) bytes[j] = (byte)word;
        }
    }

    private ulong NextUlong()
    {
        var z = unchecked(_state += 0x9E3779B97F4A7C15UL);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EBUL);
        return z ^ (z >> 31);
    }
}
