using ReferralService.Ledger;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ledger;

/// <summary>The ledger that the tests of the books run on: SQLite here. The same tests are compiled into the acceptance tests, where it is PostgreSQL.</summary>
internal static class LedgerUnderTest
{
    public static Task<TemporaryLedger> OpenAsync(TimeProvider? clock = null, bool publishesEvents = true, IReadOnlyList<WebhookSubscription>? webhooks = null)
        => TemporaryLedger.OpenAsync(clock, publishesEvents, webhooks);
}
