using System.Security.Cryptography;
using System.Text;

namespace ReferralService.Ledger;

/// <summary>Leads from the number on an order's form (<c>ServiceRequest.requisition</c>) to its referrals, without keeping the number: a person who has it finds them, a person who has the ledger does not find it.</summary>
/// <remarks>
/// Its value alone counts, without system, spaces around it or case: that is what people read out. The token is an HMAC of a digest of it under a key derived
/// from the vault's; the digest itself is kept sealed, so that tokens can be made anew under the next key. Without a key both are in clear, and such a number can be guessed.
/// </remarks>
internal sealed class RequisitionBook(LedgerDatabase database, VaultKeys? keys = null)
{
    private const string Purpose = "requisition";
    private const int AtOnce = 100;

    private const string Put = """
        INSERT INTO requisition (referral, token, key_id, sealed) VALUES (@referral, @token, @key_id, @sealed)
        ON CONFLICT (referral) DO UPDATE SET token = excluded.token, key_id = excluded.key_id, sealed = excluded.sealed
        """;

    private const string NextToReseal = """
        SELECT q.referral, r.id, q.key_id, q.sealed FROM requisition q JOIN referral r ON r.number = q.referral
        WHERE q.referral > @after AND coalesce(q.key_id, '') <> coalesce(@key_id, '') ORDER BY q.referral LIMIT @most
        """;

    private readonly VaultKeys _keys = keys ?? VaultKeys.None;

    /// <summary>Writes only what is new: an order is read at every try.</summary>
    public async Task KeepAsync(Referral referral, string requisition, CancellationToken cancellationToken)
    {
        if (Normal(requisition) is not { Length: > 0 } value)
        {
            return;
        }

        var digest = Digest(value);
        var kept = await database.ReadAsync(
            session => session.ReadRowsAsync("SELECT token FROM requisition WHERE referral = @referral", new Values().Add("referral", (long?)referral.Number), row => row.GetString(0), cancellationToken),
            cancellationToken);
        if (kept is not [var token] || token != Token(digest, _keys.Current))
        {
            await PutAsync(referral.Number, referral.Id, digest, cancellationToken);
        }
    }

    /// <summary>What a requisition may be kept as: under each key there ever was in the file, and in clear.</summary>
    /// <param name="text">The value, or system|value.</param>
    public IReadOnlyList<string> Tokens(string text)
    {
        var digest = Digest(Normal(text[(text.LastIndexOf('|') + 1)..]));
        return [.. _keys.Ids.Select(id => Token(digest, id)).Append(Token(digest, null)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Makes tokens that are in clear or under an older key anew under the present one (with <see cref="VaultKeys.InClear"/> in clear). Nothing without a key.</summary>
    /// <returns>How many; those whose key is not here, and damaged ones, stay as they are.</returns>
    public async Task<int> ResealAsync(CancellationToken cancellationToken)
    {
        var (resealed, after) = (0, 0L);
        while (_keys.Ids.Count > 0)
        {
            var values = new Values().Add("after", after).Add("key_id", _keys.Current).Add("most", (int?)AtOnce);
            var rows = await database.ReadAsync(
                session => session.ReadRowsAsync(NextToReseal, values, row => (Number: row.GetInt64(0), Id: row.ReferralId(1), Key: row.TextOrNull(2), Sealed: row.GetFieldValue<byte[]>(3)), cancellationToken),
                cancellationToken);
            foreach (var row in rows.Where(r => _keys.Has(r.Key)))
            {
                try
                {
                    await PutAsync(row.Number, row.Id, Open(row.Number, row.Id, row.Key, row.Sealed), cancellationToken);
                    resealed++;
                }
                catch (VaultUnreadableException)
                {
                    // Damaged: it finds nothing any more, and nothing else depends on it.
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

    private static string Normal(string text) => text.Trim().ToUpperInvariant();

    private static byte[] Digest(string value) => SHA256.HashData(Encoding.UTF8.GetBytes(value));

    private string Token(byte[] digest, string? key) => _keys.Blind(Convert.ToHexStringLower(digest), key, Purpose);

    private Task<int> PutAsync(long number, ReferralId id, byte[] digest, CancellationToken cancellationToken)
    {
        var values = new Values().Add("referral", (long?)number).Add("token", Token(digest, _keys.Current)).Add("key_id", _keys.Current)
            .Add("sealed", new ArraySegment<byte>(Seal(number, id, digest)));
        return database.WriteAheadAsync(session => session.ExecuteAsync(Put, values, cancellationToken), cancellationToken);
    }

    private byte[] Seal(long number, ReferralId id, byte[] digest)
    {
        using var cipher = _keys.CipherFor(_keys.Current, id.Value, Purpose, number);
        if (cipher is null)
        {
            return digest;
        }

        var body = new byte[digest.Length + ChunkCipher.Overhead];
        digest.CopyTo(body, ChunkCipher.NonceBytes);
        cipher.Seal(body, n: 0, last: true);
        return body;
    }

    private byte[] Open(long number, ReferralId id, string? key, byte[] body)
    {
        using var cipher = _keys.CipherFor(key, id.Value, Purpose, number);
        cipher?.Open(body, n: 0, last: true);
        return cipher is null ? body : body[ChunkCipher.NonceBytes..^ChunkCipher.TagBytes];
    }
}
