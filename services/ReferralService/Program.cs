using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using ReferralService;
using ReferralService.Ledger;

var stopping = CancellationToken.None;
try
{
    var app = ReferralHost.Build(args, new SteadyClock(TimeProvider.System));
    stopping = app.Lifetime.ApplicationStopping;
    await app.RunAsync();
    return 0;
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    // Told to stop while it was still starting.
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
catch (InvalidDataException refused)
{
    // .NET's words for a settings file that is no JSON; it names the file and nothing in it.
    Console.Error.WriteLine($"ReferralService does not start: {refused.Message} It is not JSON.");
    return 2;
}
catch (LedgerStartException refused)
{
    Console.Error.WriteLine($"ReferralService does not start: {refused.Message}");
    return 3;
}
catch (LedgerUnavailableException gone)
{
    Console.Error.WriteLine($"ReferralService does not start: the ledger's database does not answer ({gone.Code}). Check Ledger:ConnectionString and that the server runs.");
    return 3;
}
catch (Exception refused) when (refused is SocketException or IOException { InnerException: AddressInUseException or SocketException })
{
    Console.Error.WriteLine("ReferralService does not start: it cannot listen at its address (urls): in use, not of this machine, or not allowed to this account.");
    return 4;
}
