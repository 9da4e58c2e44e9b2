namespace ReferralService.Ledger;

/// <summary>What rewriting under the present key (or in clear) came to.</summary>
/// <param name="Unreadable">Left as they are: their key is not here, or they are damaged.</param>
internal sealed record EncryptionPass(int Rewritten, int Unreadable);

internal sealed partial class PackageVault
{
    /// <summary>Longer than the copy of one part takes: until then another replica leaves it alone.</summary>
    private static readonly TimeSpan CopyTime = TimeSpan.FromMinutes(10);

    /// <summary>How many parts there are under each key; the empty id stands for those in clear.</summary>
    public async Task<IReadOnlyDictionary<string, long>> KeysInUseAsync(CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            session => session.ReadRowsAsync(VaultStatements.KeysInUse, new Values(), row => (Id: row.TextOrNull(0) ?? "", Parts: row.GetInt64(1)), cancellationToken), cancellationToken);
        return rows.ToDictionary(row => row.Id, row => row.Parts, StringComparer.Ordinal);
    }

    /// <summary>How many complete parts there are under each key. An unfinished write needs no key: it is never read.</summary>
    public async Task<IReadOnlyDictionary<string, long>> EncryptedAsync(CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            session => session.ReadRowsAsync(VaultStatements.Encrypted, new Values(), row => (Id: row.GetString(0), Parts: row.GetInt64(1)), cancellationToken), cancellationToken);
        return rows.ToDictionary(row => row.Id, row => row.Parts, StringComparer.Ordinal);
    }

    /// <summary>
    /// Rewrites what is in clear or under an older key (with <see cref="VaultKeys.InClear"/> what is under any), part by part; a chunk is one short transaction. Nothing without a key.
    /// When nothing is left that is encrypted, no disclosure either, and in clear is what a person wants, the ledger forgets the keys it knew: from then on it starts without any.
    /// What was stored after it began is left to the next: replicas that do not agree about the first key would else rewrite each other's copies without end.
    /// </summary>
    public async Task<EncryptionPass> EncryptOldAsync(CancellationToken cancellationToken)
    {
        var (rewritten, unreadable, after) = (0, 0, 0L);
        var last = _keys.Ids.Count == 0 ? 0 : await LastNumberAsync(cancellationToken);
        while (after < last && await NextToEncryptAsync(after, last, cancellationToken) is { } part)
        {
            after = part.Number;
            if (await RewriteAsync(part, cancellationToken))
            {
                rewritten++;
            }
            else
            {
                unreadable++;
            }
        }

        if (_keys.InClear)
        {
            await database.WriteSinglyAsync(session => session.ExecuteAsync(VaultStatements.ForgetKeys, new Values(), cancellationToken), cancellationToken);
        }

        return new(rewritten, unreadable);
    }

    private async Task<long> LastNumberAsync(CancellationToken cancellationToken)
        => await database.ReadAsync(session => session.ScalarAsync(VaultStatements.LastNumber, new Values(), cancellationToken), cancellationToken) ?? 0;

    private async Task<StoredPart?> NextToEncryptAsync(long after, long last, CancellationToken cancellationToken)
    {
        var values = new Values().Add("after", after).Add("last", last).Add("key_id", _keys.Current).Add("lately", database.Clock.GetUtcNow() - CopyTime);
        return (await database.ReadAsync(session => session.ReadRowsAsync(VaultStatements.NextToEncrypt, values, StoredPart.Read, cancellationToken), cancellationToken)).SingleOrDefault();
    }

    /// <returns>False: it cannot be read; it stays as it is.</returns>
    private async Task<bool> RewriteAsync(StoredPart part, CancellationToken cancellationToken)
    {
        if (!_keys.Has(part.KeyId))
        {
            return false;
        }

        await using (var copy = await OpenWriteAsync(part.PackageId, part.Part, part, cancellationToken))
        {
            try
            {
                using var reading = new VaultReading(database, _keys, copy);
                if (!await reading.CopyAsync(part, cancellationToken))
                {
                    // Purged meanwhile; what was begun of the copy is an orphan.
                    return true;
                }
            }
            catch (VaultUnreadableException)
            {
                return false;
            }

            await copy.CompleteAsync(cancellationToken);
        }

        var replaced = await DoomAsync(VaultStatements.DoomReplaced, new Values().Add("number", part.Number), cancellationToken);
        await DeleteDoomedAsync(cancellationToken);
        return replaced > 0;
    }
}
