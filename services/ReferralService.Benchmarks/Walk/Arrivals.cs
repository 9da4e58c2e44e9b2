namespace ReferralService.Benchmarks.Walk;

/// <summary>Hears from the partners' process of each package that came.</summary>
internal sealed class Arrivals : IDisposable
{
    private readonly HttpClient _http;
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[256];
    private int _heard;

    private Arrivals(HttpClient http, Stream stream) => (_http, _stream) = (http, stream);

    public static async Task<Arrivals> ListenAsync(Uri partners)
    {
        var http = new HttpClient { BaseAddress = partners, Timeout = Timeout.InfiniteTimeSpan };
        return new Arrivals(http, await http.GetStreamAsync("/control/stream"));
    }

    /// <summary>Waits for the next package.</summary>
    public async Task NextAsync(CancellationToken cancellationToken)
    {
        if (_heard == 0)
        {
            _heard = await _stream.ReadAsync(_buffer, cancellationToken);
            if (_heard == 0) throw new BrokenRunException("The partners have ended.");
        }

        _heard--;
    }

    public async Task ForgetAsync() => (await _http.GetAsync("/control/forget")).Dispose();

    /// <summary>Every answer of an EHR takes so long from now on.</summary>
    public async Task DelayAsync(TimeSpan delay) => (await _http.GetAsync($"/control/delay?ms={(int)delay.TotalMilliseconds}")).Dispose();

    /// <summary>The tenth recipient lets each request wait so long from now on.</summary>
    public async Task HangAsync(TimeSpan wait) => (await _http.GetAsync($"/control/hang?ms={(int)wait.TotalMilliseconds}")).Dispose();

    /// <summary>Path and query of what was asked for since, as often as it was, but the order and what is asked of the recipient.</summary>
    /// <param name="ehr">Path of its base.</param>
    public async Task<IReadOnlyList<string>> AskedAsync(string ehr = "/fhir")
        => [.. from line in (await _http.GetStringAsync("/control/asked")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
               let space = line.IndexOf(' ', StringComparison.Ordinal)
               let path = line[(space + 1)..]
               where (path.StartsWith($"{ehr}/", StringComparison.Ordinal) || path.StartsWith($"{ehr}?", StringComparison.Ordinal)) && !path.StartsWith($"{ehr}/ServiceRequest/", StringComparison.Ordinal)
               from _ in Enumerable.Range(0, int.Parse(line[..space], System.Globalization.CultureInfo.InvariantCulture))
               select path];

    public void Dispose()
    {
        _stream.Dispose();
        _http.Dispose();
    }
}
