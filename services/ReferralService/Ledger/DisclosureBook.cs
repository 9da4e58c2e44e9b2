using System.Text.Json;

namespace ReferralService.Ledger;

/// <summary>The accounting of disclosures: facts kept sealed beside a keyed digest of the patient, shown once the timeline says delivered.</summary>
/// <remarks>So a disclosure is on record in the very transaction that says it happened, and never when it did not.</remarks>
internal sealed partial class DisclosureBook(LedgerDatabase database, VaultKeys? keys = null)
{
    private const string Part = "disclosure";

    private const string Keep = """
        INSERT INTO disclosure (package_id, patient, key_id, body) VALUES (@package_id, @patient, @key_id, @body)
        ON CONFLICT (package_id) DO UPDATE SET patient = excluded.patient, key_id = excluded.key_id, body = excluded.body
        WHERE NOT EXISTS (SELECT 1 FROM timeline t WHERE t.package_id = excluded.package_id AND t.event = 'delivered')
        """;

    private readonly VaultKeys _keys = keys ?? VaultKeys.None;

    /// <summary>Before the transition that names the package; again with other facts, should the step run again.</summary>
    public Task KeepAsync(DisclosureFacts facts, CancellationToken cancellationToken)
    {
        var values = new Values().Add("package_id", (Guid?)facts.PackageId).Add("patient", _keys.Blind(facts.Patient, _keys.Current)).Add("key_id", _keys.Current)
            .Add("body", new ArraySegment<byte>(Seal(facts)));
        return database.WriteSinglyAsync(session => session.ExecuteAsync(Keep, values, cancellationToken), cancellationToken);
    }

    /// <summary>Newest first.</summary>
    /// <exception cref="VaultUnreadableException">The key of one of them is not here, or it is damaged.</exception>
    public async Task<IReadOnlyList<DeliveredDisclosure>> ListAsync(DisclosureQuery query, CancellationToken cancellationToken)
    {
        var (sql, values) = Statement(query);
        var rows = await database.ReadAsync(
            session => session.ReadRowsAsync(
                sql, values, row => (Number: row.GetInt64(0), Package: row.GetGuid(1), Key: row.TextOrNull(2), Body: row.GetFieldValue<byte[]>(3), At: row.Instant(4)), cancellationToken),
            cancellationToken);
        return [.. rows.Select(row => new DeliveredDisclosure(row.Number, row.At, Open(row.Package, row.Key, row.Body)))];
    }

    private (string Sql, Values Values) Statement(DisclosureQuery query)
    {
        var values = new Values();
        var where = new List<string>();
        if (query.Patients is { } patients)
        {
            // Under each key there ever was in this file, and in clear: rows are found whatever key was the present one when they were written.
            string[] digests = [.. patients.SelectMany(p => _keys.Ids.Select(id => _keys.Blind(p, id)).Append(_keys.Blind(p, null))).Distinct(StringComparer.Ordinal)];
            for (var i = 0; i < digests.Length; i++) values.Add($"patient{i}", digests[i]);
            where.Add($"d.patient IN ({string.Join(", ", digests.Select((_, i) => $"@patient{i}"))})");
        }

        if (query.PackageId is { } package)
        {
            values.Add("package_id", (Guid?)package);
            where.Add("d.package_id = @package_id");
        }

        if (query.From is { } from)
        {
            values.Add("from", from);
            where.Add("t.at >= @from");
        }

        if (query.Until is { } until)
        {
            values.Add("until", until);
            where.Add("t.at < @until");
        }

        if (query.Before is { } before)
        {
            values.Add("before", before);
            where.Add("d.number < @before");
        }

        values.Add("limit", (int?)query.Limit);
        var narrowed = where.Count == 0 ? "" : $" AND {string.Join(" AND ", where)}";
        return ($"""
            SELECT d.number, d.package_id, d.key_id, d.body, t.at FROM disclosure d JOIN timeline t ON t.package_id = d.package_id AND t.event = 'delivered'{narrowed}
            ORDER BY d.number DESC LIMIT @limit
            """, values);
    }

    private byte[] Seal(DisclosureFacts facts)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(facts, DisclosureJson.Default.DisclosureFacts);
        using var cipher = _keys.CipherFor(_keys.Current, facts.PackageId, Part, number: 0);
        if (cipher is null)
        {
            return text;
        }

        var body = new byte[text.Length + ChunkCipher.Overhead];
        text.CopyTo(body, ChunkCipher.NonceBytes);
        cipher.Seal(body, n: 0, last: true);
        return body;
    }

    private DisclosureFacts Open(Guid packageId, string? keyId, byte[] body)
    {
        using var cipher = _keys.CipherFor(keyId, packageId, Part, number: 0);
        cipher?.Open(body, n: 0, last: true);
        var text = cipher is null ? body : body.AsSpan(ChunkCipher.NonceBytes, body.Length - ChunkCipher.Overhead);
        try
        {
            return JsonSerializer.Deserialize(text, DisclosureJson.Default.DisclosureFacts) ?? throw VaultUnreadableException.Damaged();
        }
        catch (JsonException exception)
        {
            throw VaultUnreadableException.Damaged(exception);
        }
    }
}
