using ReferralService;
using ReferralService.Ledger;

try
{
    await ReferralHost.Build(args, TimeProvider.System).RunAsync();
    return 0;
}
catch (SettingsException refused)
{
    Console.Error.WriteLine($"ReferralService does not start: {refused.Message}");
    foreach (var fault in refused.Faults)
    {
        Console.Error.WriteLine($"  {fault}");
    }

    return 2;
}
catch (LedgerStartException refused)
{
    Console.Error.WriteLine($"ReferralService does not start: {refused.Message}");
    return 3;
}
