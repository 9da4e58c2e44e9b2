using ReferralService.Contracts;
using ReferralService.Ledger;
using ReferralService.Ops.Health.Checks;

namespace ReferralService.Doctor;

/// <summary>Whether packages can be encrypted and read: the key file, and the keys that the ledger needs.</summary>
internal static class VaultLook
{
    /// <param name="check">Null: the ledger cannot be read, or is not there yet.</param>
    public static async Task LookAsync(Findings findings, LedgerOptions options, VaultKeyCheck? check, CancellationToken cancellationToken)
    {
        if (options.Keys.Current is { } current) findings.Pass($"packages are encrypted with key {current}, the first of {options.Keys.Ids.Count}");
        else if (options.Keys.InClear) findings.Warn(HealthCodes.InClear, "packages are stored in clear, as Vault:InClear wants", "keep the ledger's volume encrypted and its backups closed");
        else findings.Warn(HealthCodes.InClear, "packages (patients' records) are stored in clear", "set Vault:KeyFile; docs/runbook.md, \"The keys that packages are encrypted with\"");

        if (options.Keys.SharedWithGroup) findings.Warn("vault-group", "the group of Vault:KeyFile can read it", "see that nobody else is in that group, or chmod 600");
        if (check is null) return;
        try
        {
            foreach (var (key, parts) in await check.LookAsync(cancellationToken))
            {
                findings.Warn(ReasonCodes.VaultKeyMissing, $"{parts} parts are encrypted with key {key}, which was given up (Vault:LostKeys)", "put its line back into Vault:KeyFile when it turns up");
            }

            findings.Pass("the keys that packages need are there");
        }
        catch (LedgerStartException refused)
        {
            findings.Fail(ReasonCodes.VaultKeyMissing, refused.Message, "docs/runbook.md, \"The keys that packages are encrypted with\"");
        }
        catch (LedgerUnavailableException gone)
        {
            findings.Warn(gone.Code, "whether the needed keys are there could not be read", "ask again when the database is free");
        }
    }
}
