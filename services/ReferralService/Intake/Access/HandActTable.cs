using ReferralService.Contracts;
using ReferralService.Ledger;

namespace ReferralService.Intake.Access;

/// <summary>What an address does, as far as it is told from the address alone.</summary>
/// <param name="Action">Of <see cref="OperatorActs"/>.</param>
internal sealed record AskedAct(string Action, ReferralId? Referral, Guid? Bulk)
{
    /// <summary>The record of a caller who was known and whose role was too small.</summary>
    public OperatorAction Refused(OperatorAction act) => act with { Referral = Referral, Bulk = Bulk, Outcome = ReasonCodes.Forbidden };
}

/// <summary>The addresses at which something is done by hand that is recorded: so that what is refused before it is reached can be recorded as well.</summary>
internal static class HandActTable
{
    /// <summary><c>*</c> is a segment; <c>{referral}</c> and <c>{bulk}</c> are ids.</summary>
    private static readonly (string Method, string[] Path, string Action)[] Rows =
    [
        ("POST", ["api", "referrals"], OperatorActs.Submit),
        ("POST", ["api", "referrals", "preview"], OperatorActs.Preview),
        ("POST", ["api", "referrals", "{referral}", "retry"], OperatorActs.Retry),
        ("POST", ["api", "referrals", "{referral}", "cancel"], OperatorActs.Cancel),
        ("GET", ["api", "referrals", "{referral}", "package"], OperatorActs.ReadPackage),
        ("GET", ["api", "referrals", "{referral}", "manifest"], OperatorActs.ReadManifest),
        ("POST", ["api", "partners", "*", "pause"], OperatorActs.Pause),
        ("POST", ["api", "partners", "*", "resume"], OperatorActs.Resume),
        ("POST", ["api", "bulk"], OperatorActs.BulkRetry),
        ("POST", ["api", "bulk", "{bulk}", "run"], OperatorActs.BulkRetry),
        ("POST", ["api", "bulk", "{bulk}", "cancel"], OperatorActs.BulkStop),
        ("POST", ["referrals", "{referral}", "retry"], OperatorActs.Retry),
        ("POST", ["referrals", "{referral}", "cancel"], OperatorActs.Cancel),
        ("POST", ["referrals", "{referral}", "forward"], OperatorActs.Submit),
        ("POST", ["referrals", "{referral}", "reveal"], OperatorActs.Reveal),
        ("POST", ["referrals", "{referral}", "package"], OperatorActs.ReadPackage),
        ("POST", ["partners", "*", "*", "pause"], OperatorActs.Pause),
        ("POST", ["partners", "*", "*", "resume"], OperatorActs.Resume),
        ("POST", ["bulk", "preview"], OperatorActs.BulkRetry),
        ("POST", ["bulk", "{bulk}", "run"], OperatorActs.BulkRetry),
        ("POST", ["bulk", "{bulk}", "cancel"], OperatorActs.BulkStop),
        ("POST", ["dead-letters", "re-ingest"], OperatorActs.Reingest),
        ("POST", ["dead-letters", "delete"], OperatorActs.DeleteLetter),
        ("POST", ["dead-letters", "reveal"], OperatorActs.RevealLetter),
    ];

    /// <summary>Null where nothing is done.</summary>
    public static AskedAct? Of(string method, string path)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        foreach (var (rowMethod, rowPath, action) in Rows)
        {
            if (rowMethod.Equals(method, StringComparison.OrdinalIgnoreCase) && rowPath.Length == segments.Length && rowPath.Zip(segments).All(Fits))
            {
                return new AskedAct(action, Id("{referral}") is { } referral ? new ReferralId(referral) : null, Id("{bulk}"));
            }

            Guid? Id(string name) => Array.IndexOf(rowPath, name) is >= 0 and var at && Guid.TryParseExact(segments[at], "D", out var id) ? id : null;
        }

        return null;
    }

    private static bool Fits((string First, string Second) pair)
        => pair.First is "*" or "{referral}" or "{bulk}" || pair.First.Equals(pair.Second, StringComparison.OrdinalIgnoreCase);
}
