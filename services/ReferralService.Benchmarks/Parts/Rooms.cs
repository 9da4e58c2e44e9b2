using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Hosting;
using ReferralService.Ledger;

namespace ReferralService.Benchmarks.Parts;

/// <summary>The service put together as it always is, but not started: one of its parts alone can be looked at.</summary>
internal sealed class Rooms : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly WebApplication _app;
    private readonly List<IHostedService> _started = [];

    private Rooms(DirectoryInfo folder, WebApplication app) => (_folder, _app) = (folder, app);

    public ReferralBook Referrals => Get<ReferralBook>();

    /// <param name="database">PostgreSQL's connection string; null: SQLite in a folder of its own.</param>
    /// <param name="broker">Where its events go once that part is started.</param>
    public static async Task<Rooms> OpenAsync(string? database, Uri broker)
    {
        var folder = Directory.CreateTempSubdirectory("part-figures-");
        var settings = new Dictionary<string, string>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Ledger:Provider"] = database is null ? "Sqlite" : "PostgreSql",
            ["Ledger:ConnectionString"] = database ?? $"Data Source={Path.Combine(folder.FullName, "referrals.db")}",
            ["Bus:Transport"] = "RabbitMq",
            ["Bus:RabbitMq"] = broker.AbsoluteUri,
            ["Gathering:SpoolFolder"] = Path.Combine(folder.FullName, "spool"),
            ["Logging:LogLevel:Default"] = "Error",
        };
        var app = ReferralHost.Build([.. settings.Select(s => $"--{s.Key}={s.Value}")], TimeProvider.System);
        await app.Services.GetRequiredService<LedgerDatabase>().OpenAsync(CancellationToken.None);
        return new(folder, app);
    }

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Starts one background part, which takes the host for started.</summary>
    public async Task StartAsync<T>() where T : IHostedService
    {
        ((ApplicationLifetime)Get<IHostApplicationLifetime>()).NotifyStarted();
        var part = _app.Services.GetServices<IHostedService>().OfType<T>().Single();
        _started.Add(part);
        await part.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in _started) await part.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
