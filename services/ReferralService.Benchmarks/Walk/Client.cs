using System.Buffers;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace ReferralService.Benchmarks.Walk;

/// <summary>The comparators. B0: fetch what the service fetches, in its order and four at once, and put the bytes that it puts. B1: with what the product must do beside the splice.</summary>
internal sealed class Client : IDisposable
{
    private const int AtOnce = 4;
    private const int MostAtOnce = 64;

    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64, UseProxy = false });
    private readonly Uri _base;
    private readonly string[] _searches;
    private readonly string _order;
    private readonly byte[] _package;
    private readonly Keeper[] _keepers;

    /// <param name="asked">Path and query of each GET of one referral, the reads of its order apart.</param>
    public Client(Uri partners, IEnumerable<string> asked, string order, byte[] package, string folder)
    {
        (_base, _searches, _order, _package) = (partners, [.. asked], order, package);
        _keepers = [.. Enumerable.Range(0, MostAtOnce).Select(n => new Keeper(Path.Combine(folder, $"b1-{n}")))];
    }

    /// <param name="whole">B1, else B0.</param>
    public async Task<Round> RunAsync(bool whole, int referrals, int inFlight)
    {
        var latencies = new double[referrals];
        var next = -1;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var cpu = Environment.CpuUsage.TotalTime;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(worker => Task.Run(async () =>
        {
            for (int i = Interlocked.Increment(ref next); i < referrals; i = Interlocked.Increment(ref next))
            {
                var start = Stopwatch.GetTimestamp();
                await OneAsync(whole ? _keepers[worker] : null);
                latencies[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        })));
        return Round.Of(
            referrals, Stopwatch.GetElapsedTime(began), Environment.CpuUsage.TotalTime - cpu, GC.GetTotalAllocatedBytes(precise: true) - allocated, latencies);
    }

    public void Dispose()
    {
        _http.Dispose();
        foreach (var keeper in _keepers) keeper.Dispose();
    }

    private async Task OneAsync(Keeper? keeper)
    {
        await ReadAsync(_order, keeper is not null);
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            for (int i = Interlocked.Increment(ref next); i < _searches.Length; i = Interlocked.Increment(ref next))
            {
                await ReadAsync(_searches[i], keeper is not null);
            }
        }));
        if (keeper is not null)
        {
            SHA256.HashData(_package);
            keeper.Keep(_package);
            await ReadAsync(_order, hashed: true);
        }

        using var body = new ByteArrayContent(_package) { Headers = { ContentType = new MediaTypeHeaderValue("application/fhir+json") } };
        using var answer = await _http.PutAsync(new Uri(_base, $"/nobody/Bundle/{Guid.CreateVersion7(DateTimeOffset.UnixEpoch)}"), body);
        answer.EnsureSuccessStatusCode();
    }

    private async Task ReadAsync(string path, bool hashed)
    {
        using var answer = await _http.GetAsync(new Uri(_base, path), HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var stream = await answer.Content.ReadAsStreamAsync();
        var buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
        using var hash = hashed ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        for (int n; (n = await stream.ReadAsync(buffer)) > 0;)
        {
            hash?.AppendData(buffer, 0, n);
        }

        hash?.GetHashAndReset();
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
