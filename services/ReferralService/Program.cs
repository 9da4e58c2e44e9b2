using ReferralService;
using ReferralService.Terminal;

if (StartWords.AsksForVerb(args))
{
    return await ConsoleScreen.RunAsync(args);
}

var asked = StartWords.Read(args);
if (asked.ExitCode is { } code)
{
    await (code == 0 ? Console.Out : Console.Error).WriteLineAsync(asked.Text);
    return code;
}

LoopWatch? loops = null;
var stopping = CancellationToken.None;
try
{
    var app = ReferralHost.Build(args, new SteadyClock(TimeProvider.System));
    loops = app.Services.GetRequiredService<LoopWatch>();
    stopping = app.Lifetime.ApplicationStopping;
    await app.RunAsync();
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    // Told to stop while it was still starting, or what hung at the stop was left behind.
}
catch (Exception failure) when (loops?.Fault is null)
{
    return Refuse(loops is { Began: true } ? StartRefusal.OfRunning(failure) : StartRefusal.Of(failure));
}
catch (Exception)
{
    // The shutdown failed as well; what led to it is said below.
}

return loops?.Fault is { } ended ? Refuse(StartRefusal.Of(ended)) : 0;

static int Refuse(StartRefusal refusal)
{
    Console.Error.WriteLine(refusal.Text);
    return refusal.ExitCode;
}
