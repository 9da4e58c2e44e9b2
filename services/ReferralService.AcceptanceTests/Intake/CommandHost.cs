using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Intake;
using ReferralService.Intake.Commands;
using ReferralService.Ledger;
using ReferralService.Ledger.Sqlite;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Intake;

/// <summary>Ledger and command reader alone, on a real broker. Can be stopped and started again over the same file.</summary>
internal sealed class CommandHost : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("commands-").FullName;
    private readonly Uri _broker;
    private IHost? _host;

    public CommandHost(RabbitMqBroker broker) : this(broker.Address)
    {
    }

    public CommandHost(Uri broker) => _broker = broker;

    public BrokerTroubles Troubles => _host!.Services.GetRequiredService<BrokerTroubles>();

    public ReferralBook Referrals => _host!.Services.GetRequiredService<ReferralBook>();

    /// <summary>What the command reader said.</summary>
    public LogLines<CommandReader> Log { get; } = new();

    public async Task StartAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Ledger:ConnectionString"] = $"Data Source={LedgerFile}",
            ["Ehrs:main:BaseUrl"] = "https://ehr.example.org/fhir",
            ["Recipients:uro:BaseUrl"] = "https://uro.example.org/fhir",
        });
        var settings = new SettingsReader(builder.Configuration);
        var bus = new BusOptions { Transport = BusTransport.RabbitMq, RabbitMq = _broker };
        builder.Services.AddSingleton(TimeProvider.System).AddLedger(settings, bus).AddIntake(settings, bus);
        builder.Services.AddSingleton<LedgerDatabase>(
            _ => new SqliteLedger($"Data Source={LedgerFile}", TimeProvider.System, NullLogger<SqliteLedger>.Instance, busyTimeout: TimeSpan.FromMilliseconds(50)));
        builder.Services.AddSingleton<ILogger<CommandReader>>(Log);
        Assert.That(settings.Faults, Is.Empty);
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async Task StopAsync()
    {
        await _host!.StopAsync();
        if (_host is IAsyncDisposable disposable) await disposable.DisposeAsync();
        _host = null;
    }

    /// <summary>Holds the ledger's write lock, as a backup or another process would.</summary>
    public async Task<IAsyncDisposable> LockLedgerAsync()
    {
        var connection = new SqliteConnection($"Data Source={LedgerFile};Pooling=False");
        await connection.OpenAsync();
        await using var begin = new SqliteCommand("BEGIN IMMEDIATE", connection);
        await begin.ExecuteNonQueryAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string LedgerFile => Path.Combine(_folder, "referrals.db");
}
