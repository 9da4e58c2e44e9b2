using System.ComponentModel;
using System.Diagnostics;

namespace ReferralService.AcceptanceTests.Support;

/// <summary>
/// Kills what we started and have not ended when we end, whatever ends us: SIGKILL and Ctrl+C too. A shell in a session of its own reads from a pipe whose other end
/// only we hold; at the pipe's end it kills all that was named to it.
/// </summary>
/// <remarks>Not PR_SET_PDEATHSIG: that is bound to the thread that forked, which is one of the pool's and ends long before us, and to the one child, not to its group.</remarks>
internal static class Watchdog
{
    private const string Script =
        """
        while read -r what id; do
          case $what in
            +) alive="$alive $id" ;;
            -) rest=; for one in $alive; do [ "$one" = "$id" ] || rest="$rest $one"; done; alive=$rest ;;
          esac
        done
        for one in $alive; do kill -s KILL -- "$one"; done 2>/dev/null
        """;

    private static readonly Lock Gate = new();
    private static readonly Lazy<StreamWriter?> Pipe = new(Open);

    /// <summary>Starts a process that does not outlive us.</summary>
    /// <param name="group">It leads a group (<c>setsid</c>), which ends with it.</param>
    public static void Start(Process process, bool group)
    {
        process.EnableRaisingEvents = true;
        process.Start();
        var id = group ? -process.Id : process.Id;
        Tell('+', id);
        // Its number may be another's from now on. A group may live longer than its leader, and its number is taken as long as it does.
        if (!group)
        {
            process.Exited += (_, _) => Tell('-', id);
            if (process.HasExited)
            {
                Tell('-', id);
            }
        }
    }

    /// <summary>A group has ended.</summary>
    public static void GroupEnded(int leader) => Tell('-', -leader);

    private static void Tell(char what, int id)
    {
        lock (Gate)
        {
            try
            {
                Pipe.Value?.Write($"{what} {id}\n");
            }
            catch (IOException)
            {
                // Somebody has killed the shell.
            }
        }
    }

    private static StreamWriter? Open()
    {
        try
        {
            var shell = Process.Start(new ProcessStartInfo("setsid", ["sh", "-c", Script]) { RedirectStandardInput = true })!;
            shell.StandardInput.AutoFlush = true;
            return shell.StandardInput;
        }
        catch (Win32Exception)
        {
            // No such shell here: ProcessExit handlers do what they can.
            return null;
        }
    }
}
