namespace ReferralService.Tests.Fuzz;

/// <summary>Numbers that follow from a seed alone, on every machine and runtime (SplitMix64).</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Of the n-th input of a target: no input depends on those before it, so one alone can be made again.</summary>
    public static Dice Of(ulong seed, int target, long input)
        => new(new Dice(new Dice(seed).Next() ^ ((ulong)target << 48) ^ (ulong)input).Next());

    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 to one less than <paramref name="count"/>.</summary>
    public int Below(int count) => (int)(Next() % (ulong)count);

    public T Of<T>(IReadOnlyList<T> all) => all[Below(all.Count)];
}
