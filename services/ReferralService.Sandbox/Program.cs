using ReferralService.Sandbox.Demo;

var options = DemoOptions.Parse(args, out var fault);
if (options is not null)
{
    await using var screen = Screen.ForConsole();
    return await DemoRun.RunAsync(options, screen);
}
if (fault is not null) Console.Error.WriteLine(fault);
Console.WriteLine(DemoOptions.Usage);
return fault is null ? 0 : 2;
