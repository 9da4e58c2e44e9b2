using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ReferralService.AcceptanceTests.Support;

/// <summary>The instrument itself, before a server that gives back what it gets.</summary>
[TestFixture]
internal sealed class FaultProxyTests
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(20);

    private TcpListener _echo = null!;
    private FaultProxy _proxy = null!;
    private CancellationTokenSource _ceiling = null!;

    [SetUp]
    public void Start()
    {
        _ceiling = new CancellationTokenSource(Ceiling);
        _echo = new TcpListener(IPAddress.Loopback, 0);
        _echo.Start();
        _ = EchoAsync(_echo);
        _proxy = FaultProxy.Start((IPEndPoint)_echo.LocalEndpoint);
    }

    [TearDown]
    public async Task EndAsync()
    {
        await _proxy.DisposeAsync();
        _echo.Dispose();
        _ceiling.Dispose();
    }

    [Test]
    public async Task Without_trouble_every_byte_passes_both_ways()
    {
        using var client = await ConnectAsync();
        var sent = Enumerable.Range(0, 1_000_000).Select(i => (byte)i).ToArray();

        var sending = client.GetStream().WriteAsync(sent, _ceiling.Token);
        var got = new byte[sent.Length];
        await client.GetStream().ReadExactlyAsync(got, _ceiling.Token);
        await sending;

        Assert.That(got, Is.EqualTo(sent));
    }

    [Test]
    public async Task A_truncated_way_passes_exactly_so_many_bytes_and_then_closes([Values(0, 1, 700)] int bytes)
    {
        _proxy.PlanNext(c => c.ToClient = Trouble.CutAt(bytes));
        using var client = await ConnectAsync();

        await client.GetStream().WriteAsync(new byte[1000], _ceiling.Token);

        Assert.That(await ReadToEndAsync(client), Is.EqualTo(bytes));
    }

    [Test]
    public async Task A_reset_is_seen_as_a_reset()
    {
        using var client = await ConnectAsync();
        await PingAsync(client);

        _proxy.CutAll(reset: true);

        Assert.That(async () => await client.GetStream().ReadAsync(new byte[1], _ceiling.Token), Throws.InstanceOf<IOException>()
            .With.InnerException.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public async Task What_a_black_hole_swallowed_arrives_when_it_is_lifted()
    {
        using var client = await ConnectAsync();
        await PingAsync(client);
        _proxy.ToServer = Trouble.BlackHole;
        await client.GetStream().WriteAsync(new byte[3], _ceiling.Token);
        using var other = await ConnectAsync();
        _proxy.Open.Single(c => c.Number == 2).ToServer = Trouble.None;
        await PingAsync(other);
        Assert.That(client.Available, Is.Zero, "another connection's answer came, this one's did not");

        _proxy.Heal();

        await client.GetStream().ReadExactlyAsync(new byte[3], _ceiling.Token);
    }

    [Test]
    public async Task A_delay_and_a_trickle_take_their_time()
    {
        _proxy.PlanNext(c => c.ToServer = Trouble.Late(TimeSpan.FromMilliseconds(300)));
        using var late = await ConnectAsync();
        var began = Stopwatch.GetTimestamp();
        await PingAsync(late);
        Assert.That(Stopwatch.GetElapsedTime(began), Is.GreaterThan(TimeSpan.FromMilliseconds(250)));

        _proxy.PlanNext(c => c.ToClient = Trouble.Trickle(bytesPerSecond: 1000));
        using var slow = await ConnectAsync();
        began = Stopwatch.GetTimestamp();
        await slow.GetStream().WriteAsync(new byte[400], _ceiling.Token);
        await slow.GetStream().ReadExactlyAsync(new byte[400], _ceiling.Token);
        Assert.That(Stopwatch.GetElapsedTime(began), Is.GreaterThan(TimeSpan.FromMilliseconds(300)));
    }

    [Test]
    public async Task A_refusing_proxy_takes_no_connection_until_it_listens_again()
    {
        await _proxy.RefuseAsync();
        Assert.That(async () => await ConnectAsync(), Throws.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.ConnectionRefused));

        _proxy.Listen();

        using var client = await ConnectAsync();
        await PingAsync(client);
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _proxy.Port, _ceiling.Token);
        return client;
    }

    private async Task PingAsync(TcpClient client)
    {
        await client.GetStream().WriteAsync(new byte[] { 42 }, _ceiling.Token);
        Assert.That(await client.GetStream().ReadAsync(new byte[1], _ceiling.Token), Is.EqualTo(1));
    }

    private async Task<int> ReadToEndAsync(TcpClient client)
    {
        var (all, buffer) = (0, new byte[4096]);
        while (await client.GetStream().ReadAsync(buffer, _ceiling.Token) is > 0 and var read)
        {
            all += read;
        }

        return all;
    }

    private static async Task EchoAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = EchoAsync(await listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static async Task EchoAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await client.GetStream().CopyToAsync(client.GetStream());
            }
            catch (IOException)
            {
                // Reset by the test.
            }
        }
    }
}
