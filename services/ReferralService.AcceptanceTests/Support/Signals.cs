using System.Runtime.InteropServices;

namespace ReferralService.AcceptanceTests.Support;

/// <summary>POSIX signals, which .NET can receive but not send.</summary>
internal static class Signals
{
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>To a process and all of its group.</summary>
    public static void SendToGroup(int leader, int signal) => _ = kill(-leader, signal);

    public static void Send(int process, int signal) => _ = kill(process, signal);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int pid, int sig);
}
