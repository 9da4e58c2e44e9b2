using ReferralService.Benchmarks;
using ReferralService.Benchmarks.Walk;

if (args is [WorkerProcess.Word, .. var role])
{
    await WorkerProcess.ServeAsync(role);
    return 0;
}

try
{
    return await new Run(Choices.Read(args)).AllAsync();
}
catch (ArgumentException wrong)
{
    await Console.Error.WriteLineAsync($"{wrong.Message} {Choices.Words}");
    return 2;
}
