using System.Net.Sockets;
using System.Text;

namespace ReferralService.Tests.Intake;

/// <summary>A caller that writes its bytes itself, as no HTTP client would.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(30);

    private readonly TcpClient _socket;
    private readonly NetworkStream _stream;

    private RawConnection(TcpClient socket) => (_socket, _stream) = (socket, socket.GetStream());

    public static async Task<RawConnection> OpenAsync(Uri server)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(server.Host, server.Port);
        return new RawConnection(socket);
    }

    /// <summary>One connection, these bytes, and all that comes until the server closes it.</summary>
    public static async Task<string> ExchangeAsync(Uri server, string bytes)
    {
        await using var connection = await OpenAsync(server);
        await connection.SendAsync(bytes);
        return await connection.ReadToEndAsync();
    }

    /// <param name="bytes">One byte a character (Latin-1).</param>
    public async Task SendAsync(string bytes) => await _stream.WriteAsync(Encoding.Latin1.GetBytes(bytes));

    /// <summary>What the server said until it closed the connection; fails if it does not.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var ceiling = new CancellationTokenSource(Ceiling);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (int read; (read = await _stream.ReadAsync(buffer, ceiling.Token)) > 0;) text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // Reset: closed too.
        }

        return text.ToString();
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
