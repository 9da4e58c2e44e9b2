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

    private const string Columns = "SELECT d.number, d.package_id, d.key_id, d.body, t.at";

    private const string Delivered = "FROM disclosure d JOIN timeline t ON t.package_id = d.package_id AND t.event = 'delivered'";

    private readonly VaultKeys _keys = keys ?? VaultKeys.None;

    /// <summary>Before the transition that names the package; again with other facts, should the step run again.</summary>
    public Task KeepAsync(DisclosureFacts facts, CancellationToken cancellationToken)
    {
        var values = new Values().Add("package_id", (Guid?)facts.PackageId).Add("patient", _keys.Blind(facts.Patient, _keys.Current)).Add("key_id", _keys.Current)
            .Add("body", new ArraySegment<byte>(Seal(facts)));
        return database.WriteAheadAsync(session => session.ExecuteAsync(Keep, values, cancellationToken), cancellationToken);
    }

    /// <summary>Of one package; null: there is none, or it was not delivered.</summary>
    /// <exception cref="VaultUnreadableException">Its key is not here, or it is damaged.</exception>
    public async Task<DeliveredDisclosure?> FindAsync(Guid packageId, CancellationToken cancellationToken)
    {
        var values = new Values().Add("package_id", (Guid?)packageId).Add("limit", (int?)1);
        var rows = await ReadAsync($"{Columns} {Delivered} WHERE d.package_id = @package_id ORDER BY t.at LIMIT @limit", values, cancellationToken);
        return rows is [var row] ? Open(row) : null;
    }

    /// <summary>What can be read, and how much cannot.</summary>
    public async Task<DisclosurePage> PageAsync(DisclosureQuery query, CancellationToken cancellationToken)
    {
        var (where, values) = Narrow(query);
        var found = await ReadAsync($"{Columns} {Delivered} WHERE {where} ORDER BY t.at DESC, d.number DESC LIMIT @limit", values.Add("limit", (int?)(query.Limit + 1)), cancellationToken);
        var (items, damaged) = (new List<DeliveredDisclosure>(query.Limit), 0);
        foreach (var row in found.Take(query.Limit))
        {
            try
            {
                items.Add(Open(row));
            }
            catch (VaultUnreadableException)
            {
                damaged++;
            }
        }

        // Whose those under a lost key are nobody can tell: they may be anybody's.
        var (lost, of) = Narrow(query with { Patients = null, Before = null }, known: false);
        long unread = await database.ReadAsync(session => session.ScalarAsync($"SELECT count(*) {Delivered} WHERE {lost}", of, cancellationToken), cancellationToken) ?? 0;
        return new DisclosurePage(items, found.Count > query.Limit ? found[query.Limit - 1].Place : null, (int)unread, damaged);
    }

    private Task<List<Row>> ReadAsync(string sql, Values values, CancellationToken cancellationToken)
        => database.ReadAsync(
            session => session.ReadRowsAsync(sql, values, row => new Row(row.GetInt64(0), row.GetGuid(1), row.TextOrNull(2), row.GetFieldValue<byte[]>(3), row.Instant(4)), cancellationToken), cancellationToken);

    /// <param name="known">Rows in clear or under keys that are here; else only those under others.</param>
    private (string Where, Values Values) Narrow(DisclosureQuery query, bool known = true)
    {
        var values = new Values();
        var named = new List<string>();
        foreach (string id in _keys.Ids)
        {
            named.Add($"@key{named.Count}");
            values.Add($"key{named.Count - 1}", id);
        }

        string keys = string.Join(", ", named);
        var where = new List<string>
        {
            (known, named.Count) switch
            {
                (true, 0) => "d.key_id IS NULL",
                (true, _) => $"(d.key_id IS NULL OR d.key_id IN ({keys}))",
                (false, 0) => "d.key_id IS NOT NULL",
                (false, _) => $"d.key_id IS NOT NULL AND d.key_id NOT IN ({keys})",
            },
        };
        if (query.Patients is { } patients)
        {
            // Under each key there ever was in this file, and in clear: rows are found whatever key was the present one when they were written.
            string[] digests = [.. patients.SelectMany(p => _keys.Ids.Select(id => _keys.Blind(p, id)).Append(_keys.Blind(p, null))).Distinct(StringComparer.Ordinal)];
            for (var i = 0; i < digests.Length; i++) values.Add($"patient{i}", digests[i]);
            where.Add($"d.patient IN ({string.Join(", ", digests.Select((_, i) => $"@patient{i}"))})");
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
            // The first half is what an index helps with.
            values.Add("before_at", (long?)before.At).Add("before", (long?)before.Number);
            where.Add("t.at <= @before_at AND (t.at < @before_at OR d.number < @before)");
        }

        return (string.Join(" AND ", where), values);
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

    private DeliveredDisclosure Open(Row row) => new(row.Number, row.At, Open(row.Package, row.Key, row.Body));

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

    /// <summary>As it lies in the table, with the instant of the delivery.</summary>
    private readonly record struct Row(long Number, Guid Package, string? Key, byte[] Body, DateTimeOffset At)
    {
        public DisclosurePlace Place => new(Instants.ToMicroseconds(At), Number);
    }
}
