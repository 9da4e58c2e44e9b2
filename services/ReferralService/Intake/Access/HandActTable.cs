using ReferralService.Contracts;
using ReferralService.Ledger;

namespace ReferralService.Intake.Access;

/// <summary>What an address does, as far as it is told from the address alone.</summary>
/// <param name="Action">Of <see cref="OperatorActs"/>.</param>
/// <param name="Kind">ehr or recipient, where the address says which; else null.</param>
/// <param name="Partner">As it was asked for: anything, until it is found to be configured.</param>
internal sealed record AskedAct(string Action, ReferralId? Referral, Guid? Bulk, string? Kind, string? Partner)
{
    /// <summary>The record of a caller who was known and whose role was too small.</summary>
    public OperatorAction Refused(OperatorAction act, KnownPartners partners)
        => act with { Referral = Referral, Bulk = Bulk, Partner = Partner is null ? null : partners.Find(Kind, Partner), Outcome = ReasonCodes.Forbidden };
}

/// <summary>The addresses at which something is done by hand that is recorded: so that what is refused before it is reached can be recorded as well.</summary>
internal static class HandActTable
{
    /// <summary>What stands in braces is any segment; <c>{referral}</c> and <c>{bulk}</c> are ids.</summary>
    private static readonly (string Method, string[] Path, string Action)[] Rows =
    [
        ("POST", ["api", "referrals"], OperatorActs.Submit),
        ("POST", ["api", "referrals", "preview"], OperatorActs.Preview),
        ("POST", ["api", "referrals", "{referral}", "retry"], OperatorActs.Retry),
        ("POST", ["api", "referrals", "{referral}", "cancel"], OperatorActs.Cancel),
        ("GET", ["api", "referrals", "{referral}", "package"], OperatorActs.ReadPackage),
        ("GET", ["api", "referrals", "{referral}", "manifest"], OperatorActs.ReadManifest),
        ("POST", ["api", "partners", "{partner}", "pause"], OperatorActs.Pause),
        ("POST", ["api", "partners", "{partner}", "resume"], OperatorActs.Resume),
        ("POST", ["api", "bulk"], OperatorActs.Bulk),
        ("POST", ["api", "bulk", "preview"], OperatorActs.Bulk),
        ("POST", ["api", "bulk", "{bulk}", "run"], OperatorActs.Bulk),
        ("POST", ["api", "bulk", "{bulk}", "cancel"], OperatorActs.BulkStop),
        ("POST", ["referrals", "{referral}", "retry"], OperatorActs.Retry),
        ("POST", ["referrals", "{referral}", "cancel"], OperatorActs.Cancel),
        ("POST", ["referrals", "{referral}", "forward"], OperatorActs.Submit),
        ("POST", ["referrals", "{referral}", "reveal"], OperatorActs.Reveal),
        ("POST", ["referrals", "{referral}", "package"], OperatorActs.ReadPackage),
        ("POST", ["partners", "{kind}", "{partner}", "pause"], OperatorActs.Pause),
        ("POST", ["partners", "{kind}", "{partner}", "resume"], OperatorActs.Resume),
        ("POST", ["bulk", "preview"], OperatorActs.Bulk),
        ("POST", ["bulk", "{bulk}", "run"], OperatorActs.Bulk),
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
                return new AskedAct(action, Id("{referral}") is { } referral ? new ReferralId(referral) : null, Id("{bulk}"), Text("{kind}"), Text("{partner}"));
            }

            string? Text(string name) => Array.IndexOf(rowPath, name) is >= 0 and var at ? segments[at] : null;

            Guid? Id(string name) => Guid.TryParseExact(Text(name), "D", out var id) ? id : null;
        }

        return null;
    }

    private static bool Fits((string First, string Second) pair)
        => pair.First[0] == '{' || pair.First.Equals(pair.Second, StringComparison.OrdinalIgnoreCase);
}
