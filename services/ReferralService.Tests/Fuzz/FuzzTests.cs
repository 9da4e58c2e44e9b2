using ReferralService.Tests.Support;

namespace ReferralService.Tests.Fuzz;

/// <summary>Readers of foreign bytes never break: no exception but their own, none over a second, no two readings of one input.</summary>
[Fault("S10")]
[Category("Fuzz")]
public sealed class FuzzTests
{
    /// <summary>What the posts over HTTP take of the inputs, beside the targets' own weights.</summary>
    internal const int HttpWeight = 2;

    internal static int AllWeights { get; } = FuzzTarget.All.Sum(t => t.Weight) + HttpWeight;

    private static IEnumerable<TestCaseData> Targets() => FuzzTarget.All.Select((target, place) => new TestCaseData(place).SetArgDisplayNames(target.Name));

    [TestCaseSource(nameof(Targets))]
    public async Task No_bytes_whatever_break(int place)
    {
        var target = FuzzTarget.All[place];
        long inputs = FuzzRun.Share(target.Weight, AllWeights);
        var clock = TimeProvider.System;
        var began = clock.GetTimestamp();

        long read = await FuzzRun.RunAsync(target, place, inputs, CancellationToken.None);

        await TestContext.Progress.WriteLineAsync(
            $"fuzz: {target.Name}: {inputs} inputs, {read} read, {inputs - read} refused, {clock.GetElapsedTime(began).TotalSeconds:F1} s; seed {FuzzRun.Seed}, commit {FuzzRun.Commit}");
        Assert.That(inputs < 100 || (read > 0 && read < inputs), Is.True, "Some inputs are read and some refused, else nothing was tried.");
    }
}
