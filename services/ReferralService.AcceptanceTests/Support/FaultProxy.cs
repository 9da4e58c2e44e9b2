using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ReferralService.AcceptanceTests.Support;

/// <summary>
/// A TCP proxy that does to connections what networks do: cut, reset, hold, delay, trickle, truncate, refuse; either way, one connection or all.
/// It knows no protocol, so it stands before an EHR, a recipient, a broker or a database alike.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly IPEndPoint _target;
    private readonly ConcurrentDictionary<int, ProxyConnection> _open = new();
    private readonly ConcurrentDictionary<int, Task> _pumping = new();
    private readonly ConcurrentQueue<Action<ProxyConnection>> _plans = new();
    private readonly ConcurrentQueue<long> _made = new();
    private readonly Lock _gate = new();
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;
    private int _connections;

    private FaultProxy(IPEndPoint target) => _target = target;

    /// <summary>Where it listens; the same for its whole life.</summary>
    public int Port { get; private set; }

    /// <summary>For every connection without a trouble of its own, now and later.</summary>
    public Trouble ToServer
    {
        get;
        set
        {
            field = value;
            WakeAll();
        }
    }

    = Trouble.None;

    /// <summary>For every connection without a trouble of its own, now and later.</summary>
    public Trouble ToClient
    {
        get;
        set
        {
            field = value;
            WakeAll();
        }
    }

    = Trouble.None;

    /// <summary>How many connections clients have made, refused ones not counted.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>When each of them was made, by <see cref="Stopwatch"/>.</summary>
    public IReadOnlyList<long> Made => [.. _made];

    public IReadOnlyCollection<ProxyConnection> Open => [.. _open.Values];

    /// <summary>Starts in front of <paramref name="target"/>: its host must be a loopback address with a port.</summary>
    public static FaultProxy Start(Uri target) => Start(new IPEndPoint(IPAddress.Loopback, target.Port));

    public static FaultProxy Start(IPEndPoint target)
    {
        var proxy = new FaultProxy(target);
        proxy.Listen();
        return proxy;
    }

    /// <summary>The same address through this proxy.</summary>
    public Uri Before(Uri address) => new UriBuilder(address) { Host = "127.0.0.1", Port = Port }.Uri;

    /// <summary>What happens to the next connection that is made, e.g. <c>c => c.ToServer = Trouble.CutAt(1000)</c>; several are taken one after the other.</summary>
    public void PlanNext(Action<ProxyConnection> plan) => _plans.Enqueue(plan);

    /// <summary>Ends every connection by a close, or a reset; later ones are not affected. How many there were.</summary>
    public int CutAll(bool reset = false)
    {
        var cut = 0;
        foreach (var connection in _open.Values)
        {
            connection.Cut(reset);
            cut++;
        }

        return cut;
    }

    /// <summary>Connection refused, until <see cref="Listen"/>. Connections that stand go on.</summary>
    public async Task RefuseAsync()
    {
        lock (_gate)
        {
            _listener?.Stop();
            _listener = null;
        }

        await _accepting;
    }

    /// <summary>Takes connections again.</summary>
    public void Listen()
    {
        lock (_gate)
        {
            if (_listener is not null)
            {
                return;
            }

            _listener = new TcpListener(IPAddress.Loopback, Port == 0 ? FreePort.Take() : Port);
            _listener.Start(512);
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _accepting = AcceptAsync(_listener);
        }
    }

    /// <summary>No trouble any more for anybody, and it listens.</summary>
    public void Heal()
    {
        _plans.Clear();
        ToServer = Trouble.None;
        ToClient = Trouble.None;
        foreach (var connection in _open.Values)
        {
            connection.ToServer = connection.ToClient = null;
        }

        Listen();
    }

    public async ValueTask DisposeAsync()
    {
        await RefuseAsync();
        CutAll(reset: true);
        await Task.WhenAll(_pumping.Values);
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync();
                _made.Enqueue(Stopwatch.GetTimestamp());
                var number = Interlocked.Increment(ref _connections);
                var connection = new ProxyConnection(this, number, client);
                _open[number] = connection;
                if (_plans.TryDequeue(out var plan))
                {
                    plan(connection);
                }

                _pumping[number] = PumpAsync(connection);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was told to listen no longer.
        }
    }

    private async Task PumpAsync(ProxyConnection connection)
    {
        await Task.Yield();
        await connection.RunAsync(_target);
        _open.TryRemove(connection.Number, out _);
        _pumping.TryRemove(connection.Number, out _);
        connection.Dispose();
    }

    private void WakeAll()
    {
        foreach (var connection in _open.Values)
        {
            connection.Wake();
        }
    }
}
