namespace ReferralService.Doctor;

/// <summary>One thing to be looked at, within a ceiling.</summary>
internal sealed record Examination(Findings Findings, Func<Findings, CancellationToken, Task> Look)
{
    /// <summary>Of each; they run side by side, so it is about that of all.</summary>
    public static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(8);

    /// <summary>Whatever it meets, there are findings in the end.</summary>
    public async Task RunAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Ceiling, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            // What does not hear its token is left behind.
            await Task.Run(() => Look(Findings, either.Token), either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            Findings.Fail("too-slow", $"gave no answer in {Ceiling.TotalSeconds:F0} s", "see how busy it is, and what stands between it and this machine");
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Its words may hold anything; its name does not.
            Findings.Fail("internal-error", $"could not be looked at ({e.GetType().Name})", "a fault of the program: report it, with this line");
        }
    }
}
