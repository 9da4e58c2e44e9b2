using System.Text;

namespace ReferralService.Ledger;

/// <summary>The keys that session cookies and forms are protected with, one text each, shared by all replicas; sealed with the vault's first key where there is one.</summary>
/// <remarks>Nothing is lost for good with them: where one cannot be read, those whose session it protects sign in again.</remarks>
internal sealed class SessionKeys(LedgerDatabase database, VaultKeys? keys = null)
{
    private const string Part = "session-key";

    private const string All = "SELECT id, key_id, body FROM session_key ORDER BY at, id";

    private const string Insert = "INSERT INTO session_key (id, key_id, body, at) VALUES (@id, @key_id, @body, @at) ON CONFLICT (id) DO NOTHING";

    private const string Replace = "UPDATE session_key SET key_id = @key_id, body = @body WHERE id = @id AND coalesce(key_id, '') <> coalesce(@key_id, '')";

    private readonly VaultKeys _keys = keys ?? VaultKeys.None;

    /// <summary>Those that can be read, the oldest first.</summary>
    public async Task<IReadOnlyList<string>> AllAsync(CancellationToken cancellationToken)
        => [.. (await RowsAsync(cancellationToken)).Select(Open).OfType<string>()];

    /// <summary>Keeps a new one. Of several that replicas make on one day the first counts, so that all of them have the same; where it is not this one, nothing is kept.</summary>
    public Task KeepAsync(string text, CancellationToken cancellationToken)
    {
        var now = database.Clock.GetUtcNow();
        // The vault key's id belongs to it: a key that can be opened no more must not stand in the new one's way.
        var id = $"{now.UtcDateTime:yyyy-MM-dd} {_keys.Current}".TrimEnd();
        var values = Sealed(id, text).Add("at", now);
        return database.WriteSinglyAsync(session => session.ExecuteAsync(Insert, values, cancellationToken), cancellationToken);
    }

    /// <summary>Seals what is in clear or under an older key with the present one; with <see cref="VaultKeys.InClear"/> opens what is under any.</summary>
    /// <returns>How many.</returns>
    public async Task<int> ResealAsync(CancellationToken cancellationToken)
    {
        var resealed = 0;
        foreach (var row in (await RowsAsync(cancellationToken)).Where(row => row.KeyId != _keys.Current))
        {
            if (Open(row) is { } text)
            {
                resealed += await database.WriteSinglyAsync(session => session.ExecuteAsync(Replace, Sealed(row.Id, text), cancellationToken), cancellationToken);
            }
        }

        return resealed;
    }

    private Task<List<Row>> RowsAsync(CancellationToken cancellationToken) => database.ReadAsync(
        session => session.ReadRowsAsync(All, new Values(), row => new Row(row.GetString(0), row.TextOrNull(1), row.GetFieldValue<byte[]>(2)), cancellationToken), cancellationToken);

    private Values Sealed(string id, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        using var cipher = _keys.CipherFor(_keys.Current, Guid.Empty, Label(id), number: 0);
        if (cipher is not null)
        {
            var body = new byte[bytes.Length + ChunkCipher.Overhead];
            bytes.CopyTo(body, ChunkCipher.NonceBytes);
            cipher.Seal(body, n: 0, last: true);
            bytes = body;
        }

        return new Values().Add("id", id).Add("key_id", _keys.Current).Add("body", new ArraySegment<byte>(bytes));
    }

    /// <returns>Null: its key is not here, or it is damaged.</returns>
    private string? Open(Row row)
    {
        try
        {
            using var cipher = _keys.CipherFor(row.KeyId, Guid.Empty, Label(row.Id), number: 0);
            cipher?.Open(row.Body, n: 0, last: true);
            return Encoding.UTF8.GetString(cipher is null ? row.Body : row.Body.AsSpan(ChunkCipher.NonceBytes, row.Body.Length - ChunkCipher.Overhead));
        }
        catch (VaultUnreadableException)
        {
            return null;
        }
    }

    /// <summary>Authenticated with the text, so that none can be put in another's place.</summary>
    private static string Label(string id) => $"{Part} {id}";

    private sealed record Row(string Id, string? KeyId, byte[] Body);
}
