using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace ReferralService.AcceptanceTests.Support;

/// <summary>One client's connection through a <see cref="FaultProxy"/>.</summary>
internal sealed class ProxyConnection : IDisposable
{
    private static readonly TimeSpan TrickleStep = TimeSpan.FromMilliseconds(50);

    private readonly FaultProxy _proxy;
    private readonly Socket _client;
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _end = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _toServerBytes;
    private long _toClientBytes;
    private int _cut;

    public ProxyConnection(FaultProxy proxy, int number, Socket client)
    {
        (_proxy, Number, _client) = (proxy, number, client);
        client.NoDelay = true;
    }

    /// <summary>From 1, in the order in which they were made.</summary>
    public int Number { get; }

    /// <summary>This connection's own trouble; null: the proxy's.</summary>
    public Trouble? ToServer
    {
        get;
        set
        {
            field = value;
            Wake();
        }
    }

    /// <summary>This connection's own trouble; null: the proxy's.</summary>
    public Trouble? ToClient
    {
        get;
        set
        {
            field = value;
            Wake();
        }
    }

    /// <summary>Passed on to the server so far.</summary>
    public long ToServerBytes => Interlocked.Read(ref _toServerBytes);

    /// <summary>Passed on to the client so far.</summary>
    public long ToClientBytes => Interlocked.Read(ref _toClientBytes);

    /// <summary>Ends it both ways, by a close or a reset.</summary>
    public void Cut(bool reset = false)
    {
        if (Interlocked.Exchange(ref _cut, 1) != 0)
        {
            return;
        }

        foreach (var socket in new[] { _client, _server })
        {
            try
            {
                if (reset)
                {
                    socket.LingerState = new LingerOption(true, 0);
                    socket.Dispose();
                }
                else
                {
                    // Not disposed while something waits on it: .NET makes a reset of that.
                    socket.Shutdown(SocketShutdown.Both);
                }
            }
            catch (Exception e) when (IsEnd(e))
            {
                // Gone already, or never connected.
            }
        }

        try
        {
            _end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
    }

    public void Dispose()
    {
        Cut();
        _client.Dispose();
        _server.Dispose();
        _end.Dispose();
    }

    internal void Wake() => Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Carries bytes until either side or somebody ends it.</summary>
    internal async Task RunAsync(IPEndPoint target)
    {
        try
        {
            await _server.ConnectAsync(target, _end.Token);
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The server behind is gone: so the client sees a connection that ends at once.
            Cut(reset: true);
            return;
        }

        await Task.WhenAll(
            CarryAsync(_client, _server, () => ToServer ?? _proxy.ToServer, sent => Interlocked.Add(ref _toServerBytes, sent)),
            CarryAsync(_server, _client, () => ToClient ?? _proxy.ToClient, sent => Interlocked.Add(ref _toClientBytes, sent)));
        Cut();
    }

    private async Task CarryAsync(Socket from, Socket to, Func<Trouble> trouble, Func<int, long> count)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            while (true)
            {
                var read = await from.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, _end.Token);
                if (read == 0)
                {
                    await PassAsync(trouble);
                    to.Shutdown(SocketShutdown.Send);
                    return;
                }

                await SendAsync(to, buffer.AsMemory(0, read), trouble, count);
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // Ended by the other side: the same end for this one. By us: nothing left to do.
            Cut(reset: e is SocketException { SocketErrorCode: SocketError.ConnectionReset });
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes, Func<Trouble> trouble, Func<int, long> count)
    {
        while (bytes.Length > 0)
        {
            await PassAsync(trouble);
            var now = trouble();
            var left = now.EndAt is { } end ? end - count(0) : long.MaxValue;
            if (left <= 0)
            {
                Cut(now.Reset);
                throw new OperationCanceledException();
            }

            var piece = (int)Math.Min(bytes.Length, left);
            if (now.BytesPerSecond is { } rate)
            {
                piece = Math.Min(piece, Math.Max(1, (int)(rate * TrickleStep.TotalSeconds)));
                await Task.Delay(TimeSpan.FromSeconds((double)piece / rate), TimeProvider.System, _end.Token);
            }

            piece = await to.SendAsync(bytes[..piece], SocketFlags.None, _end.Token);
            bytes = bytes[piece..];
            if (count(piece) >= now.EndAt)
            {
                // What has been handed over still arrives: a close waits for it, a reset may overtake it, as on a wire.
                Cut(now.Reset);
                throw new OperationCanceledException();
            }
        }
    }

    /// <summary>Waits out a hold and a delay.</summary>
    private async Task PassAsync(Func<Trouble> trouble)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            var now = trouble();
            if (!now.Hold)
            {
                if (now.Delay > TimeSpan.Zero)
                {
                    await Task.Delay(now.Delay, TimeProvider.System, _end.Token);
                }

                return;
            }

            await changed.WaitAsync(_end.Token);
        }
    }

    private static bool IsEnd(Exception e) => e is SocketException or ObjectDisposedException or OperationCanceledException;
}
