namespace ReferralService;

/// <summary>When work in the background may begin.</summary>
internal static class Listening
{
    /// <summary>Completes once the server listens: a process that turns out to have no address of its own must not have taken anybody's work first.</summary>
    /// <returns>False: told to stop before that.</returns>
    public static async Task<bool> ListeningAsync(this IHostApplicationLifetime lifetime, CancellationToken stoppingToken)
    {
        var either = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var started = lifetime.ApplicationStarted.Register(() => either.TrySetResult());
        await using var stopping = lifetime.ApplicationStopping.Register(() => either.TrySetResult());
        await using var stopped = stoppingToken.Register(() => either.TrySetResult());
        await either.Task;
        return !stoppingToken.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested;
    }
}
