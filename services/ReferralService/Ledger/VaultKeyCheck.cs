namespace ReferralService.Ledger;

/// <summary>Whether the keys of this process and the packages of the ledger fit together; looked at before anything is read or written.</summary>
/// <remarks>
/// Settings that lost their key file must not turn encryption off: what is encrypted could not be sent, and what is new would lie in clear; a ledger whose
/// packages were all deleted, or that has none yet, remembers its keys. They are forgotten when all was rewritten in clear by a person's will. And other
/// bytes under a known id would be found out only when a package has to be sent.
/// </remarks>
internal sealed class VaultKeyCheck(LedgerDatabase database, PackageVault vault, LedgerOptions options)
{
    private const string Runbook = "docs/runbook.md, \"The keys that packages are encrypted with\"";

    /// <summary>Keeps the check values of keys that are new to the ledger.</summary>
    /// <returns>How many parts lie under each key that was given up (<see cref="LedgerOptions.LostKeys"/>).</returns>
    /// <exception cref="LedgerStartException">A key is missing, or is not the one that the ledger knows by its id.</exception>
    public async Task<IReadOnlyDictionary<string, long>> RunAsync(CancellationToken cancellationToken)
    {
        var unreadable = await FitAsync(cancellationToken);
        Refuse(await CompareAsync(cancellationToken));
        return unreadable;
    }

    /// <summary>The same without keeping anything.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public async Task<IReadOnlyDictionary<string, long>> LookAsync(CancellationToken cancellationToken)
    {
        var unreadable = await FitAsync(cancellationToken);
        Refuse(await database.ReadAsync(session => OthersAsync(session, cancellationToken), cancellationToken));
        return unreadable;
    }

    private async Task<IReadOnlyDictionary<string, long>> FitAsync(CancellationToken cancellationToken)
    {
        var encrypted = await vault.EncryptedAsync(cancellationToken);
        var unreadable = encrypted.Where(key => !options.Keys.Has(key.Key)).ToDictionary(StringComparer.Ordinal);
        var missing = unreadable.Where(key => !options.LostKeys.Contains(key.Key)).ToList();
        if (missing.Count > 0)
        {
            throw new LedgerStartException(WithoutKey(string.Join(", ", missing.Select(key => $"{key.Value} {(key.Value == 1 ? "part" : "parts")} under key {key.Key}"))));
        }

        if (encrypted.Count > 0 && options.Keys is { Ids.Count: 0, InClear: false })
        {
            throw new LedgerStartException(
                $"Vault:KeyFile is not set, and the ledger holds encrypted packages: new ones would be stored in clear. Set it to a file with a new key, or say Vault:InClear=true ({Runbook}).");
        }

        if (options.Keys is { Ids.Count: 0, InClear: false } && await KnownIdsAsync(cancellationToken) is { Count: > 0 } known)
        {
            // Nothing encrypted is there (yet, or any more): only the ledger's memory of its keys says what was wanted.
            throw new LedgerStartException(
                $"Vault:KeyFile is not set, and packages of this ledger are to be encrypted (it knows key {string.Join(", ", known)}): new ones would be stored in clear. Set it to the file with the key, or say Vault:InClear=true ({Runbook}).");
        }

        return unreadable;
    }

    private static void Refuse(IReadOnlyList<string> others)
    {
        if (others.Count > 0)
        {
            throw new LedgerStartException(
                $"Vault:KeyFile has other bytes than the ledger knows under key {string.Join(", ", others)}. Put the right bytes back; a new key needs an id of its own ({Runbook}).");
        }
    }

    private string WithoutKey(string parts) => options.Keys.Ids.Count == 0
        ? $"Vault:KeyFile is not set, and the ledger holds encrypted packages: {parts}. Set it to the file with these keys. To store in clear from now on, or to go on without a lost key: {Runbook}."
        : $"Vault:KeyFile lacks keys that packages in the ledger are encrypted with: {parts}. Put their lines back, behind the first. To go on without a lost key: {Runbook}.";

    /// <returns>The ids under which the ledger knows another key.</returns>
    private Task<IReadOnlyList<string>> CompareAsync(CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            var others = await OthersAsync(session, cancellationToken);
            if (others.Count == 0 && options.Keys is { Ids.Count: > 0, InClear: false })
            {
                await session.ExecuteEachAsync(VaultStatements.KnowKey, [.. options.Keys.Ids.Order(StringComparer.Ordinal).Select(Known)], cancellationToken);
                // Another replica may have been first, with other bytes.
                others = await OthersAsync(session, cancellationToken);
            }

            return others;
        },
        cancellationToken);

    private async Task<IReadOnlyList<string>> OthersAsync(LedgerSession session, CancellationToken cancellationToken)
    {
        var known = await session.ReadRowsAsync(VaultStatements.KnownKeys, new Values(), row => (Id: row.GetString(0), CheckValue: row.GetString(1)), cancellationToken);
        return [.. known.Where(key => options.Keys.Ids.Contains(key.Id) && options.Keys.CheckValue(key.Id) != key.CheckValue).Select(key => key.Id).Order(StringComparer.Ordinal)];
    }

    private Task<List<string>> KnownIdsAsync(CancellationToken cancellationToken)
        => database.ReadAsync(session => session.ReadRowsAsync(VaultStatements.KnownIds, new Values(), row => row.GetString(0), cancellationToken), cancellationToken);

    private Values Known(string id)
        => new Values().Add("id", id).Add("check_value", options.Keys.CheckValue(id)).Add("since", database.Clock.GetUtcNow());
}
