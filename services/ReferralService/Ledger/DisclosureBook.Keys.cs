namespace ReferralService.Ledger;

internal sealed partial class DisclosureBook
{
    private const int AtOnce = 100;

    private const string NextToReseal = """
        SELECT number, package_id, key_id, body FROM disclosure WHERE number > @after AND coalesce(key_id, '') <> coalesce(@key_id, '') ORDER BY number LIMIT @most
        """;

    private const string Reseal = "UPDATE disclosure SET patient = @patient, key_id = @key_id, body = @body WHERE number = @number AND coalesce(key_id, '') <> coalesce(@key_id, '')";

    /// <summary>Seals what is in clear or under an older key with the present one (with <see cref="VaultKeys.InClear"/> opens what is under any), and names its patient by it. Nothing without a key.</summary>
    /// <returns>How many; those whose key is not here, and damaged ones, stay as they are.</returns>
    public async Task<int> ResealAsync(CancellationToken cancellationToken)
    {
        var (resealed, after) = (0, 0L);
        while (_keys.Ids.Count > 0)
        {
            var values = new Values().Add("after", after).Add("key_id", _keys.Current).Add("most", (int?)AtOnce);
            var rows = await database.ReadAsync(
                session => session.ReadRowsAsync(NextToReseal, values, row => (Number: row.GetInt64(0), Package: row.GetGuid(1), Key: row.TextOrNull(2), Body: row.GetFieldValue<byte[]>(3)), cancellationToken),
                cancellationToken);
            foreach (var row in rows.Where(r => _keys.Has(r.Key)))
            {
                try
                {
                    resealed += await ResealAsync(row.Number, Open(row.Package, row.Key, row.Body), cancellationToken);
                }
                catch (VaultUnreadableException)
                {
                    // Damaged: it stays as it is, and whoever reads it hears of it.
                }
            }

            if (rows.Count < AtOnce)
            {
                break;
            }

            after = rows[^1].Number;
        }

        return resealed;
    }

    private Task<int> ResealAsync(long number, DisclosureFacts facts, CancellationToken cancellationToken)
    {
        var values = new Values().Add("number", number).Add("patient", _keys.Blind(facts.Patient, _keys.Current)).Add("key_id", _keys.Current).Add("body", new ArraySegment<byte>(Seal(facts)));
        return database.WriteSinglyAsync(session => session.ExecuteAsync(Reseal, values, cancellationToken), cancellationToken);
    }
}
