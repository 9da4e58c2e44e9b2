namespace ReferralService.Ops.Pages.Live;

/// <summary><c>GET /live</c>: server-sent events, <c>changed</c> when something moved in the ledger. Says no more than that: what moved is for the page to ask, with its caller's rights.</summary>
/// <remarks>A stream ends after a minute and the browser asks anew: so a session that ended stops being told, and a process that ends is not kept waiting.</remarks>
internal sealed class LiveFeed(LiveLook look, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public async Task ServeAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        using var longest = new CancellationTokenSource(Longest, clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping, longest.Token);
        using var listening = look.Listen(out var next);
        try
        {
            var changed = next();
            await WriteAsync(context, "retry: 3000\n: here\n\n", ends.Token);
            while (true)
            {
                // Before the wait, so that nothing that moves while a line is written goes untold.
                var beat = Task.Delay(Heartbeat, clock, ends.Token);
                if (await Task.WhenAny(changed, beat) == changed)
                {
                    var mark = await changed;
                    changed = next();
                    await WriteAsync(context, $"event: changed\ndata: {mark}\n\n", ends.Token);
                }
                else
                {
                    await beat;
                    await WriteAsync(context, ": still here\n\n", ends.Token);
                }
            }
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The listener left, its minute is over, or the process ends: the stream ends as it should.
        }
    }

    private static async Task WriteAsync(HttpContext context, string text, CancellationToken cancellationToken)
    {
        await context.Response.WriteAsync(text, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }
}
