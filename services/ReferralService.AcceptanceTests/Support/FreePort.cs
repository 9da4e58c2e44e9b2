using System.Net;
using System.Net.Sockets;

namespace ReferralService.AcceptanceTests.Support;

/// <summary>Ports for servers of which we cannot ask "any": below the range from which the kernel takes ports for outgoing connections, so that nobody takes one meanwhile.</summary>
internal static class FreePort
{
    private static readonly Random Choice = new();
    private static readonly HashSet<int> Given = [];

    public static int Take()
    {
        lock (Given)
        {
            while (true)
            {
                var port = Choice.Next(18000, 32000);
                if (!Given.Contains(port) && IsFree(port))
                {
                    Given.Add(port);
                    return port;
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
