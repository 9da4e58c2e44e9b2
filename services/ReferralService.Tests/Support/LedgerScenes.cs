using System.Text;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;

namespace ReferralService.Tests.Support;

/// <summary>Referrals at some point of their walk, brought there by the real transitions.</summary>
internal static class LedgerScenes
{
    private static readonly Uri EhrBase = new("https://ehr.example.org/fhir");
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    public static Task<Referral> ReceivedAsync(this TemporaryLedger ledger, string orderId, string? recipient = null)
        => ledger.Referrals.DecideAsync(new DecisionScope.Order("main", orderId), rows =>
        {
            var created = ReferralTransitions.Create(EhrBase, "main", orderId, recipient, traceParent: null, ledger.Clock.GetUtcNow());
            return new Decision<Referral>(created.After, [created], []);
        }, CancellationToken.None);

    /// <summary>Received and then packaged, with its bundle and manifest in the vault.</summary>
    public static async Task<Referral> PackagedAsync(this TemporaryLedger ledger, string orderId, string bundle = "{}", string manifest = "{}")
    {
        var referral = await ledger.BegunAsync(await ledger.ReceivedAsync(orderId, "urology-east"));
        var packageId = Guid.CreateVersion7(ledger.Clock.GetUtcNow());
        var receipt = await StoreAsync(ledger, packageId, VaultPart.Bundle, bundle);
        await StoreAsync(ledger, packageId, VaultPart.Manifest, manifest);
        return await ledger.StepAsync(referral, row => StepTransitions.Packaged(row, Facts(packageId, receipt), ledger.Clock.GetUtcNow()));
    }

    /// <summary>One committed step under a lease of its own.</summary>
    public static async Task<Referral> StepAsync(this TemporaryLedger ledger, Referral referral, Func<Referral, Transition> step)
        => await ledger.Referrals.AdvanceAsync(referral, step, keepLease: null, CancellationToken.None)
            ?? throw new InvalidOperationException("the lease is lost");

    /// <summary>Claimed and begun, as by the dispatcher and a consumer.</summary>
    public static async Task<Referral> BegunAsync(this TemporaryLedger ledger, Referral referral)
    {
        var claimed = await ledger.Referrals.ClaimDueAsync(new ClaimLimits(1000, Lease, 1000, 1000), CancellationToken.None);
        var mine = claimed.Single(claim => claim.Id == referral.Id);
        return await ledger.Referrals.BeginAsync(mine.Id, mine.Fence, Lease, CancellationToken.None) ?? throw new InvalidOperationException("nothing to do");
    }

    private static PackagedFacts Facts(Guid packageId, VaultReceipt receipt)
        => new(Version: 1, packageId, PackageForm.Document, "urology-east", "https://uro.example.org/fhir", receipt, Entries: 3, OrderVersion: "1");

    private static async Task<VaultReceipt> StoreAsync(TemporaryLedger ledger, Guid packageId, VaultPart part, string content)
    {
        await using var writer = await ledger.Vault.OpenWriteAsync(packageId, part, CancellationToken.None);
        await writer.WriteAsync(Encoding.UTF8.GetBytes(content));
        return await writer.CompleteAsync(CancellationToken.None);
    }
}
