using System.Globalization;
using System.Reflection;

namespace ReferralService.Tests.Fuzz;

/// <summary>How many inputs, from which seed, and the running of one target with them.</summary>
/// <remarks>
/// <c>REFERRAL_FUZZ_INPUTS</c>: inputs in all, 20 000 when not said (full: 200 000, long: 10 000 000). <c>REFERRAL_FUZZ_SEED</c>: a run again;
/// when not said it is taken from the clock and printed, so that each run looks elsewhere.
/// </remarks>
internal static class FuzzRun
{
    /// <summary>One input that takes longer is a find, whoever else has the machine: it is given two more chances.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>One input that takes this long is taken not to end.</summary>
    private static readonly TimeSpan Hung = TimeSpan.FromSeconds(60);

    public static long Inputs { get; } = Number("REFERRAL_FUZZ_INPUTS") is { } asked ? (long)asked : 20_000;

    public static ulong Seed { get; } = Number("REFERRAL_FUZZ_SEED") ?? (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The commit the tests were built from, as the SDK notes it.</summary>
    public static string Commit { get; }
        = typeof(FuzzRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[^1] ?? "unknown";

    /// <summary>A target's part of all inputs.</summary>
    public static long Share(int weight, int ofAll) => Math.Max(1, Inputs * weight / ofAll);

    public static byte[] Input(byte[][] corpus, int target, long number)
    {
        var dice = Dice.Of(Seed, target, number);
        var seed = dice.Of(corpus);
        return dice.Below(20) switch
        {
            0 => seed,
            < 12 => JsonMutation.Of(seed, corpus, dice) ?? Mutation.Of(seed, corpus, dice),
            _ => Mutation.Of(seed, corpus, dice),
        };
    }

    /// <returns>How many inputs were read; the others were refused.</returns>
    public static async Task<long> RunAsync(FuzzTarget target, int place, long inputs, CancellationToken cancellationToken)
    {
        var corpus = target.Seeds(Seed);
        var lanes = new Lane[Environment.ProcessorCount];
        long next = -1, read = 0;
        var clock = TimeProvider.System;
        var all = Task.WhenAll(lanes.Select((_, lane) => Task.Factory.StartNew(
            () =>
            {
                for (long number; (number = Interlocked.Increment(ref next)) < inputs && !cancellationToken.IsCancellationRequested;)
                {
                    var input = Input(corpus, place, number);
                    lanes[lane] = new Lane(number, input, clock.GetTimestamp());
                    if (One(target, number, input, clock)) Interlocked.Increment(ref read);
                }

                lanes[lane] = default;
            },
            cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        while (!all.IsCompleted)
        {
            await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(1), clock, CancellationToken.None));
            foreach (var lane in lanes)
            {
                if (lane.Input is { } input && clock.GetElapsedTime(lane.Since) > Hung) Assert.Fail(FuzzFind.Tell(target, Seed, lane.Number, input, "It took more than a minute and had not ended."));
            }
        }

        await all;
        cancellationToken.ThrowIfCancellationRequested();
        return read;
    }

    private static bool One(FuzzTarget target, long number, byte[] input, TimeProvider clock)
    {
        for (int chance = 1; ; chance++)
        {
            var began = clock.GetTimestamp();
            bool read;
            try
            {
                read = target.Read(input);
            }
            catch (Exception e)
            {
                throw new AssertionException(FuzzFind.Tell(target, Seed, number, input, $"{e.GetType().Name}: {e.Message}\n{e.StackTrace}"));
            }

            var took = clock.GetElapsedTime(began);
            if (took <= Longest) return read;
            if (chance == 3) throw new AssertionException(FuzzFind.Tell(target, Seed, number, input, $"It took {took} three times."));
        }
    }

    private static ulong? Number(string variable)
        => ulong.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private readonly record struct Lane(long Number, byte[]? Input, long Since);
}
