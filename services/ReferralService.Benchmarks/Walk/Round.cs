namespace ReferralService.Benchmarks.Walk;

/// <summary>What a number of referrals took.</summary>
/// <param name="Cpu">Of the process that did the work; partners, broker and database apart.</param>
/// <param name="Allocated">Bytes, by that process; -1: not known.</param>
internal sealed record Round(int Referrals, TimeSpan Clock, TimeSpan Cpu, long Allocated, double P50, double P95, double P99)
{
    public double PerSecond => Referrals / Clock.TotalSeconds;

    public double CpuMilliseconds => Cpu.TotalMilliseconds / Referrals;

    public static Round Of(int referrals, TimeSpan clock, TimeSpan cpu, long allocated, IEnumerable<double> latencies)
    {
        double[] sorted = [.. latencies.Order()];
        return new(referrals, clock, cpu, allocated, At(0.50), At(0.95), At(0.99));

        double At(double part) => sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(part * sorted.Length))];
    }
}
