using ReferralService;

var asked = CommandLine.Read(args);
if (asked.ExitCode is { } ended)
{
    await (ended == 0 ? Console.Out : Console.Error).WriteLineAsync(asked.Text);
    return ended;
}

var stopping = CancellationToken.None;
try
{
    var app = ReferralHost.Build(args, new SteadyClock(TimeProvider.System));
    stopping = app.Lifetime.ApplicationStopping;
    var work = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
    await app.RunAsync();

    // A loop that ended by a fault stops the host, which then takes its leave as if it had been told to.
    return work.Select(one => one.ExecuteTask?.Exception?.InnerException).OfType<Exception>().FirstOrDefault(fault => fault is not OperationCanceledException) is { } fault
        ? Refuse(fault)
        : 0;
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    // Told to stop while it was still starting.
    return 0;
}
catch (Exception failure)
{
    return Refuse(failure);
}

static int Refuse(Exception failure)
{
    var refusal = StartRefusal.Of(failure);
    Console.Error.WriteLine(refusal.Text);
    return refusal.ExitCode;
}
