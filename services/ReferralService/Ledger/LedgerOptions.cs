using Microsoft.Data.Sqlite;
using Npgsql;

namespace ReferralService.Ledger;

internal enum LedgerProvider { Sqlite, PostgreSql }

/// <summary>Sections <c>Ledger</c> and <c>Vault</c>.</summary>
internal sealed record LedgerOptions
{
    public const string DefaultConnectionString = "Data Source=data/referrals.db";

    /// <summary>Sqlite: one process, one file. PostgreSql: any number of replicas.</summary>
    public LedgerProvider Provider { get; init; } = LedgerProvider.Sqlite;

    /// <summary>For SQLite <c>Data Source=</c> and a file, relative to the working directory; for PostgreSQL Npgsql's form. Never echoed.</summary>
    public string ConnectionString { get; init; } = DefaultConnectionString;

    /// <summary>Whether events go to the outbox as well as to the timeline; with the in-memory bus nobody would take them out.</summary>
    public bool PublishesEvents { get; init; }

    /// <summary>Who is told of events by webhook; none: nothing is written for them.</summary>
    public IReadOnlyList<WebhookSubscription> Webhooks { get; init; } = [];

    /// <summary>Of <c>Vault:KeyFile</c>; none: packages are stored in clear.</summary>
    public VaultKeys Keys { get; init; } = VaultKeys.None;

    /// <summary>Whether packages are made smaller before they are stored. Default: with SQLite, where no other build can be at work beside this one; with PostgreSQL when a person says so, for a build before ADR 0017 cannot read them.</summary>
    public bool Compress { get; init; }

    /// <summary>Ids of keys that a person has given up, for good or for now: packages under them cannot be read, and the service starts all the same.</summary>
    public IReadOnlyList<string> LostKeys { get; init; } = [];

    /// <summary>How long packages are kept after the last referral of their order came to rest. Default 365 days, 1 day to 100 years.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(365);

    /// <summary>How long it is kept to whom what was disclosed, from the delivery on. Default 2192 days: the six years of 45 CFR 164.528 and 164.530(j). 1 day to 100 years.</summary>
    public TimeSpan DisclosureRetention { get; init; } = TimeSpan.FromDays(2192);

    /// <summary>PostgreSQL: a replica silent for so long is taken for dead, and its work is taken up by the others. Default 10 s, 2 s to 10 minutes.</summary>
    public TimeSpan ReplicaTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The folder of SQLite's file; null with PostgreSQL.</summary>
    public string? SqliteFolder => Provider == LedgerProvider.Sqlite ? Path.GetDirectoryName(Path.GetFullPath(new SqliteConnectionStringBuilder(ConnectionString).DataSource)) : null;

    public static LedgerOptions Read(SettingsReader settings, BusOptions bus)
    {
        var ledger = settings.Part("Ledger");
        var vault = settings.Part("Vault");
        var provider = ledger.Choice("Provider", LedgerProvider.Sqlite);
        var options = new LedgerOptions
        {
            Provider = provider,
            ConnectionString = ledger.Text("ConnectionString") ?? DefaultConnectionString,
            ReplicaTimeout = ledger.Span("ReplicaTimeout", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(10)),
            PublishesEvents = bus.Transport == BusTransport.RabbitMq,
            Retention = vault.Span("Retention", TimeSpan.FromDays(365), TimeSpan.FromDays(1), TimeSpan.FromDays(36500)),
            DisclosureRetention = vault.Span("DisclosureRetention", TimeSpan.FromDays(2192), TimeSpan.FromDays(1), TimeSpan.FromDays(36500)),
            Keys = ReadKeys(vault, vault.Flag("InClear", otherwise: false)),
            Compress = vault.Flag("Compress", otherwise: provider == LedgerProvider.Sqlite),
            LostKeys = vault.List("LostKeys") is { Count: > 0 } lostKeys ? lostKeys : [],
        };
        if (options.LostKeys.Any(lost => options.Keys.Ids.Contains(lost)))
        {
            vault.Fault("LostKeys", "names a key that is in Vault:KeyFile; take it out of this list");
        }

        CheckConnectionString(options, ledger);
        return options;
    }

    private static VaultKeys ReadKeys(SettingsReader vault, bool inClear)
        => vault.Text("KeyFile") is { } file ? VaultKeyFile.Read(file, inClear, fault => vault.Fault("KeyFile", fault))
            : inClear ? new VaultKeys([]) { InClear = true }
            : VaultKeys.None;

    private static void CheckConnectionString(LedgerOptions options, SettingsReader ledger)
    {
        try
        {
            if (options.Provider == LedgerProvider.PostgreSql)
            {
                if (string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(options.ConnectionString).Host))
                {
                    ledger.Fault("ConnectionString", "names no Host; for PostgreSQL give e.g. Host=db.example.org;Database=referrals;Username=referrals;Password=…");
                }

                return;
            }

            var source = new SqliteConnectionStringBuilder(options.ConnectionString) { }.DataSource;
            if (source.Length == 0 || source.StartsWith(':') || source.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
            {
                ledger.Fault("ConnectionString", "names no file; for SQLite give e.g. Data Source=data/referrals.db");
            }
        }
        catch (Exception e) when (e is ArgumentException or KeyNotFoundException or FormatException)
        {
            // KeyNotFound: what Npgsql makes of a key it does not know where its value is empty.
            ledger.Fault("ConnectionString", $"is no connection string of {options.Provider}; check its keys, and that Ledger:Provider is the one meant");
        }
    }
}
