using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using ReferralService.Ledger;

namespace ReferralService;

/// <summary>Why the service does not start, or did not go on, for whoever reads standard error: what is wrong, what to do, and no stack where a setting or a machine is at fault.</summary>
/// <param name="ExitCode">docs/runbook.md, "The service does not start" and "The service ended".</param>
internal sealed record StartRefusal(int ExitCode, string Text)
{
    private const string Start = "ReferralService does not start:";

    /// <param name="failure">Of the start: before that all is well, nothing else can have thrown it.</param>
    public static StartRefusal Of(Exception failure) => failure switch
    {
        SettingsException refused => new(2, string.Join(Environment.NewLine + "  ", [$"{Start} {refused.Message}", .. refused.Faults])),
        // .NET's words for a settings file that is no JSON; it names the file and nothing in it.
        InvalidDataException refused when IsFrom(failure, "Microsoft.Extensions.Configuration") => new(2, $"{Start} {refused.Message} It is not JSON."),
        LedgerStartException refused => new(3, $"{Start} {refused.Message}"),
        LedgerUnavailableException gone => new(3, $"{Start} {WhyGone(gone.Code)} ({gone.Code})."),
        // A socket may fail anywhere (a name that is not resolved, a partner); only the server's own is about urls.
        _ when IsFrom(failure, "Microsoft.AspNetCore.Server.Kestrel") => NoListening(failure),
        _ => Fault("", failure),
    };

    /// <summary>Of a service that was up: whatever it was, it should have gone on.</summary>
    public static StartRefusal OfRunning(Exception failure) => Fault("", failure);

    /// <summary>The same of a loop.</summary>
    public static StartRefusal Of(LoopFault fault) => Fault($" in {fault.Loop}", fault.Cause);

    private static string WhyGone(string code) => code switch
    {
        "ledger-busy" => "for a minute another program has held a lock on the ledger's database: end it (a backup, a database shell) and start again",
        "ledger-full" => "the ledger's disk is full: make room and start again",
        _ => "the ledger's database does not answer: check Ledger:ConnectionString and that the server runs",
    };

    private static StartRefusal NoListening(Exception failure) => NoListening(failure switch
    {
        IOException { InnerException: AddressInUseException } or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => "in use: end the other program (ss -ltnp shows it) or choose another port",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => "not one of this machine: ip addr shows those it has",
        SocketException { SocketErrorCode: SocketError.AccessDenied } => "not allowed to this account: choose a port from 1024 on",
        SocketException or IOException { InnerException: SocketException } => "not to be had: see that it is one of this machine's, free and allowed to this account",
        // An address of a scheme nobody knows, https without a certificate: the server's words may hold paths and passwords.
        _ => "not usable: write http://host:port; https:// needs Kestrel:Certificates:Default:Path (and :KeyPath or :Password)",
    });

    private static StartRefusal NoListening(string why) => new(4, $"{Start} the address it is to listen at (urls) is {why}.");

    /// <summary>A fault of ours. Its message may hold anything; where it came from does not.</summary>
    private static StartRefusal Fault(string where, Exception failure)
        => new(1, $"ReferralService failed{where} with {failure.GetType().Name}. This is a fault of the program: report it with these lines.{Environment.NewLine}{failure.StackTrace}");

    /// <summary>Whether that assembly threw it, or called what threw it.</summary>
    private static bool IsFrom(Exception failure, string assembly)
        => failure.Source?.StartsWith(assembly, StringComparison.Ordinal) == true || failure.StackTrace?.Contains($" {assembly}.", StringComparison.Ordinal) == true;
}
