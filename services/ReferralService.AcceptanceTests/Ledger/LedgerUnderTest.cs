using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Ledger;
using ReferralService.Ledger.PostgreSql;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ledger;

/// <summary>The ledger on PostgreSQL, in a database of its own: the tests of the books, which are compiled into this project too, run on it.</summary>
internal sealed class LedgerUnderTest : IAsyncDisposable
{
    private LedgerUnderTest(string connectionString, TimeProvider clock, bool publishesEvents, IReadOnlyList<WebhookSubscription> webhooks)
    {
        ConnectionString = connectionString;
        Database = new PostgreSqlLedger(connectionString, clock, NullLogger<PostgreSqlLedger>.Instance);
        Work = new WorkSignals();
        Referrals = new ReferralBook(Database, new LedgerOptions { PublishesEvents = publishesEvents, Webhooks = webhooks }, Work);
        Notices = new NoticeBook(Database, Work);
        Subscriptions = new SubscriptionBook(Database, Notices, Work);
        Outbox = new StatusOutbox(Database);
        Webhooks = new WebhookBook(Database);
        Vault = WithKeys(VaultKeys.None);
        Memory = new PartnerMemory(Database);
        Pauses = new PartnerPauses(Database, Work);
        Actions = new OperatorActions(Database);
        Problems = new ProblemBook(Database);
        Bulks = new BulkBook(Database);
    }

    public string ConnectionString { get; }
    public LedgerDatabase Database { get; }
    public WorkSignals Work { get; }
    public ReferralBook Referrals { get; }
    public NoticeBook Notices { get; }
    public SubscriptionBook Subscriptions { get; }
    public StatusOutbox Outbox { get; }
    public WebhookBook Webhooks { get; }
    public PackageVault Vault { get; }
    public PartnerMemory Memory { get; }
    public PartnerPauses Pauses { get; }
    public OperatorActions Actions { get; }
    public ProblemBook Problems { get; }
    public BulkBook Bulks { get; }

    public static async Task<LedgerUnderTest> OpenAsync(TimeProvider? clock = null, bool publishesEvents = true, IReadOnlyList<WebhookSubscription>? webhooks = null)
    {
        var server = await SharedPostgreSql.GetAsync();
        return await OpenAsync(await server.CreateDatabaseAsync(), clock, publishesEvents, webhooks);
    }

    /// <summary>On a database that exists: another replica, or the same after a restart.</summary>
    public static async Task<LedgerUnderTest> OpenAsync(string connectionString, TimeProvider? clock = null, bool publishesEvents = true, IReadOnlyList<WebhookSubscription>? webhooks = null)
    {
        var ledger = new LedgerUnderTest(connectionString, clock ?? new ManualTimeProvider(), publishesEvents, webhooks ?? []);
        await ledger.Database.OpenAsync(CancellationToken.None);
        return ledger;
    }

    /// <summary>The vault as a process with other keys sees it.</summary>
    public PackageVault WithKeys(VaultKeys keys) => new(Database, keys);

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
