using System.Globalization;
using System.Security.Cryptography;
using ReferralService.AcceptanceTests.Chaos.Truth;
using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Chaos;

/// <summary>Everything around the service and the service's processes, on loopback, ours alone: EHR, consultants, proxies, broker, database, replicas.</summary>
internal sealed class World : IAsyncDisposable
{
    /// <summary>A consultant that nobody is referred to until a phase does so: to the service unknown until then.</summary>
    public const string Stranger = "stranger";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("referral-chaos-");

    private World()
    {
    }

    public required ChaosSetup Setup { get; init; }
    public FakeEhr Ehr { get; private set; } = null!;
    public IReadOnlyList<FakeConsultant> Consultants { get; private set; } = [];

    /// <summary>Those that the load goes to; not <see cref="Stranger"/>.</summary>
    public IReadOnlyList<FakeConsultant> Regulars => [.. Consultants.Where(c => c.Name != Stranger)];
    public RabbitMqBroker? Broker { get; private set; }
    public FaultProxy? BrokerWay { get; private set; }
    public PostgreSqlServer? Database { get; private set; }
    public FaultProxy? DatabaseWay { get; private set; }
    public IReadOnlyList<ServiceReplica> Replicas { get; private set; } = [];
    public LedgerEye Ledger { get; private set; } = null!;

    /// <summary>What is sent through each proxy can be troubled.</summary>
    public IReadOnlyList<FaultProxy> Ways => [Ehr.Way, .. Consultants.Select(c => c.Way), .. new[] { BrokerWay, DatabaseWay }.OfType<FaultProxy>()];

    /// <summary>Nothing is started yet of the service itself.</summary>
    public static async Task<World> StartAsync(ChaosSetup setup, int replicas)
    {
        var world = new World { Setup = setup };
        string[] characters = ["put", "post", "transaction", Stranger];
        world.Ehr = await FakeEhr.StartAsync(world._folder.FullName, characters);
        world.Consultants = await Task.WhenAll(characters.Select(name => FakeConsultant.StartAsync(name, world._folder.FullName)));
        var settings = world.Settings();
        if (setup == ChaosSetup.PostgreSql)
        {
            var broker = RabbitMqBroker.StartNewAsync();
            world.Database = await PostgreSqlServer.StartNewAsync();
            var connection = await world.Database.CreateDatabaseAsync();
            world.Broker = await broker;
            world.BrokerWay = FaultProxy.Start(world.Broker.Address);
            world.DatabaseWay = FaultProxy.Start(new Uri($"tcp://127.0.0.1:{new Npgsql.NpgsqlConnectionStringBuilder(connection).Port}"));
            settings["Ledger:Provider"] = "PostgreSql";
            settings["Ledger:ConnectionString"] = new Npgsql.NpgsqlConnectionStringBuilder(connection) { Port = world.DatabaseWay.Port, MaxPoolSize = 30 }.ConnectionString;
            settings["Bus:Transport"] = "RabbitMq";
            settings["Bus:RabbitMq"] = world.BrokerWay.Before(world.Broker.Address).OriginalString;
            world.Ledger = LedgerEye.OnPostgreSql(connection);
        }

        world.Replicas = [.. Enumerable.Range(0, setup == ChaosSetup.Sqlite ? 1 : replicas).Select(_ => new ServiceReplica(settings))];
        if (setup == ChaosSetup.Sqlite)
        {
            world.Ledger = LedgerEye.OnSqlite(world.Replicas[0].LedgerFile);
        }

        return world;
    }

    /// <summary>No trouble on any way any more.</summary>
    public void Heal()
    {
        Ehr.Faults.Clear();
        foreach (var way in Ways)
        {
            way.Heal();
        }
    }

    /// <summary>Keeps what the replicas said and what the partners wrote down, for a person to look at; the folder.</summary>
    public string Keep()
    {
        var kept = Directory.CreateTempSubdirectory("referral-chaos-failed-").FullName;
        for (var i = 0; i < Replicas.Count; i++)
        {
            File.WriteAllText(Path.Combine(kept, $"replica-{i}.log"), Replicas[i].Output);
        }

        foreach (var file in Directory.EnumerateFiles(_folder.FullName, "*.jsonl"))
        {
            File.Copy(file, Path.Combine(kept, Path.GetFileName(file)));
        }

        if (Setup == ChaosSetup.Sqlite && File.Exists(Replicas[0].LedgerFile))
        {
            File.Copy(Replicas[0].LedgerFile, Path.Combine(kept, "referrals.db"));
        }

        return kept;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in Replicas)
        {
            await replica.DisposeAsync();
        }

        foreach (var way in new[] { BrokerWay, DatabaseWay }.OfType<FaultProxy>())
        {
            await way.DisposeAsync();
        }

        if (Broker is not null)
        {
            await Broker.DisposeAsync();
        }

        if (Database is not null)
        {
            await Database.DisposeAsync();
        }

        foreach (var consultant in Consultants)
        {
            await consultant.DisposeAsync();
        }

        await Ehr.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private Dictionary<string, string> Settings()
    {
        var settings = new Dictionary<string, string>
        {
            ["Ehrs:main:BaseUrl"] = Ehr.Base,
            ["Ehrs:main:NotificationSecret"] = FakeEhr.Secret,
            ["Ehrs:main:PollInterval"] = "00:00:05",
            ["Ehrs:main:Since"] = Load.Since.ToString("O", CultureInfo.InvariantCulture),
            ["Gathering:PageSize"] = "50",
            ["Delivery:AttemptTimeout"] = "00:00:03",
            ["Flow:Lease"] = "00:00:05",
            ["Flow:LookEvery"] = "00:00:00.2",
            // What is struck several times in a row would else wait for minutes, and the rig with it.
            ["Flow:LongestDelay"] = "00:00:08",
        };
        // Content is encrypted, so that markers may be searched for in the database's file too. Nobody else may read the key: the service insists on it.
        var keys = Path.Combine(_folder.FullName, "vault.keys");
        File.WriteAllText(keys, $"rig {Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        settings["Vault:KeyFile"] = keys;
        foreach (var consultant in Consultants)
        {
            settings[$"Recipients:{consultant.Name}:BaseUrl"] = consultant.Base;
            settings[$"Recipients:{consultant.Name}:Matches:0"] = $"Organization/{consultant.Name}";
        }

        return settings;
    }
}
