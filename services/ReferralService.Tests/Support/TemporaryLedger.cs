using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Ledger;
using ReferralService.Ledger.Sqlite;

namespace ReferralService.Tests.Support;

/// <summary>A SQLite ledger in a folder of its own, with its books; gone when disposed.</summary>
internal sealed class TemporaryLedger : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("referral-ledger-");

    private TemporaryLedger(TimeProvider clock, bool publishesEvents, IReadOnlyList<WebhookSubscription> webhooks)
    {
        Clock = clock;
        Database = new SqliteLedger($"Data Source={File}", clock, NullLogger<SqliteLedger>.Instance);
        Options = new LedgerOptions { ConnectionString = $"Data Source={File}", PublishesEvents = publishesEvents, Webhooks = webhooks };
        Work = new WorkSignals();
        Referrals = new ReferralBook(Database, Options, Work);
        Notices = new NoticeBook(Database, Work);
        Subscriptions = new SubscriptionBook(Database, Notices, Work);
        Outbox = new StatusOutbox(Database);
        Webhooks = new WebhookBook(Database);
        Vault = WithKeys(VaultKeys.None);
        Disclosures = new DisclosureBook(Database);
        Requisitions = new RequisitionBook(Database);
        Memory = new PartnerMemory(Database);
        Pauses = new PartnerPauses(Database, Work);
        Actions = new OperatorActions(Database);
        Problems = new ProblemBook(Database);
        Bulks = new BulkBook(Database);
    }

    public string File => Path.Combine(_folder.FullName, "referrals.db");
    public TimeProvider Clock { get; }
    public LedgerOptions Options { get; }
    public LedgerDatabase Database { get; }
    public WorkSignals Work { get; }
    public ReferralBook Referrals { get; }
    public NoticeBook Notices { get; }
    public SubscriptionBook Subscriptions { get; }
    public StatusOutbox Outbox { get; }
    public WebhookBook Webhooks { get; }
    public PackageVault Vault { get; }
    public DisclosureBook Disclosures { get; }
    public RequisitionBook Requisitions { get; }
    public PartnerMemory Memory { get; }
    public PartnerPauses Pauses { get; }
    public OperatorActions Actions { get; }
    public ProblemBook Problems { get; }
    public BulkBook Bulks { get; }

    public static async Task<TemporaryLedger> OpenAsync(TimeProvider? clock = null, bool publishesEvents = true, IReadOnlyList<WebhookSubscription>? webhooks = null)
    {
        var ledger = new TemporaryLedger(clock ?? new ManualTimeProvider(), publishesEvents, webhooks ?? []);
        await ledger.Database.OpenAsync(CancellationToken.None);
        return ledger;
    }

    /// <summary>The vault as a process with other keys sees it.</summary>
    public PackageVault WithKeys(VaultKeys keys) => new(Database, keys);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
