using ReferralService.Contracts;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Status;

/// <summary>Referrals with a given number of events, written by the real transitions.</summary>
internal static class EventScenes
{
    /// <summary>One referral each with <paramref name="events"/> events: received, then held and retried in turn.</summary>
    public static async Task<IReadOnlyList<Referral>> WriteReferralsAsync(this TemporaryLedger ledger, int referrals, int events, string prefix)
    {
        var written = new List<Referral>();
        for (var i = 0; i < referrals; i++)
        {
            var referral = await ledger.ReceivedAsync($"{prefix}-{i}", "urology-east");
            for (var sequence = 2; sequence <= events; sequence++)
            {
                referral = await ledger.NextEventAsync(referral);
            }

            written.Add(referral);
        }

        return written;
    }

    private static Task<Referral> NextEventAsync(this TemporaryLedger ledger, Referral referral)
        => ledger.Referrals.DecideAsync(new DecisionScope.One(referral.Id), rows =>
        {
            var row = rows.Single(candidate => candidate.Id == referral.Id);
            var now = ledger.Clock.GetUtcNow();
            var next = row.State == ReferralState.Held
                ? ((Verdict.Allowed)ReferralTransitions.Retry(row, recipient: null, now)).Transition
                : StepTransitions.Held(row, ReasonCodes.RecipientUnknown, "No recipient matches.", now);
            return new Decision<Referral>(next.After, [], [next]);
        }, CancellationToken.None);
}
