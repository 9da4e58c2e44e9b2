using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using ReferralService.Ledger;

namespace ReferralService;

/// <summary>Why the service does not start or could not go on, for whoever reads standard error: what is wrong, what to do, and no stack where a setting or a machine is at fault.</summary>
/// <param name="ExitCode">docs/runbook.md, "The service does not start".</param>
internal sealed record StartRefusal(int ExitCode, string Text)
{
    private const string Start = "ReferralService does not start:";

    public static StartRefusal Of(Exception failure) => failure switch
    {
        SettingsException refused => new(2, string.Join(Environment.NewLine + "  ", [$"{Start} {refused.Message}", .. refused.Faults])),
        // .NET's words for a settings file that is no JSON; it names the file and nothing in it.
        InvalidDataException refused => new(2, $"{Start} {refused.Message} It is not JSON."),
        LedgerStartException refused => new(3, $"{Start} {refused.Message}"),
        LedgerUnavailableException gone => new(3, $"{Start} the ledger's database does not answer ({gone.Code}). Check Ledger:ConnectionString and that the server runs."),
        IOException { InnerException: AddressInUseException } => NoListening("in use: end the other program (ss -ltnp shows it) or choose another port"),
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => NoListening("in use: end the other program (ss -ltnp shows it) or choose another port"),
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => NoListening("not one of this machine: ip addr shows those it has"),
        SocketException { SocketErrorCode: SocketError.AccessDenied } => NoListening("not allowed to this account: choose a port from 1024 on"),
        SocketException or IOException { InnerException: SocketException } => NoListening("not to be had: see that it is one of this machine's, free and allowed to this account"),
        // An address of a scheme nobody knows, https without a certificate: in the server's own code, and its words may hold paths and passwords.
        _ when failure.Source?.StartsWith("Microsoft.AspNetCore.Server.Kestrel", StringComparison.Ordinal) == true
            => NoListening("not usable: write http://host:port; https:// needs Kestrel:Certificates:Default:Path (and :KeyPath or :Password)"),
        // A fault of ours. Its message may hold anything; where it came from does not.
        _ => new(1, $"ReferralService failed with {failure.GetType().Name}. This is a fault of the program: report it with these lines.{Environment.NewLine}{failure.StackTrace}"),
    };

    private static StartRefusal NoListening(string why) => new(4, $"{Start} the address it is to listen at (urls) is {why}.");
}
