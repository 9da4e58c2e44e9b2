using System.Security.Cryptography;
using System.Text;
using ReferralService.Contracts;
using ReferralService.Ledger;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

internal sealed class VaultKeyTests
{
    private const int ChunkText = PackageVault.ChunkBytes - ChunkCipher.Overhead;
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Guid Package = Guid.CreateVersion7(Start);
    private static readonly Guid Neighbour = Guid.CreateVersion7(Start.AddHours(1));

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(ChunkText)]
    [TestCase(ChunkText + 1)]
    [TestCase(3_000_000)]
    public async Task What_goes_in_comes_out_and_no_row_is_longer_than_in_clear(int length)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var vault = ledger.WithKeys(Keys("k1"));
        var content = Content(length);

        var receipt = await WriteAsync(vault, content);

        Assert.That(receipt.Digest, Is.EqualTo($"sha-256:{Convert.ToHexStringLower(SHA256.HashData(content))}"));
        Assert.That(await ReadAsync(vault), Is.EqualTo(content));
        Assert.That(await ScalarAsync(ledger.Database, "SELECT coalesce(max(length(bytes)), 0) FROM package_chunk"), Is.LessThanOrEqualTo(PackageVault.ChunkBytes));
    }

    [Test]
    public async Task What_is_stored_is_noise_and_never_twice_the_same()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var vault = ledger.WithKeys(Keys("k1"));
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("ZZPHI ", 100)));
        await WriteAsync(vault, text);
        await WriteAsync(vault, text, Neighbour);

        var stored = await ChunksAsync(ledger.Database);

        Assert.That(stored, Has.Count.EqualTo(2));
        Assert.That(stored[0].AsSpan(ChunkCipher.NonceBytes).SequenceEqual(stored[1].AsSpan(ChunkCipher.NonceBytes)), Is.False);
        Assert.That(stored.Any(chunk => chunk.AsSpan().IndexOf("ZZPHI"u8) >= 0), Is.False);
    }

    [TestCase("UPDATE package_chunk SET n = 1002 - n; UPDATE package_chunk SET n = n - 1000", TestName = "Chunks that changed places are noticed")]
    [TestCase("UPDATE package_chunk SET part = 1003 - part; UPDATE package_chunk SET part = part - 1000", TestName = "Chunks of another package are noticed")]
    [TestCase("UPDATE package_part SET chunks = chunks - 1", TestName = "A cut end is noticed")]
    [TestCase("DELETE FROM package_chunk WHERE n = 1", TestName = "A missing chunk is noticed")]
    [TestCase("UPDATE package_part SET part = 'manifest'", VaultPart.Manifest, TestName = "A bundle that is called a manifest is noticed")]
    public async Task Nothing_but_what_was_written_is_given_whole(string tamper, VaultPart read = VaultPart.Bundle)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var vault = ledger.WithKeys(Keys("k1"));
        var content = Content(ChunkText * 3);
        await WriteAsync(vault, content);
        await WriteAsync(vault, content, Neighbour);
        foreach (var statement in tamper.Split(';'))
        {
            await RunAsync(ledger.Database, statement);
        }

        using var given = new MemoryStream();
        Assert.That(() => vault.CopyToAsync(Package, read, given, None), Damaged);
        Assert.That(given.Length, Is.LessThan(content.Length));
    }

    [TestCase(0)]
    [TestCase(ChunkCipher.NonceBytes + 5)]
    [TestCase(PackageVault.ChunkBytes - 1)]
    public async Task A_flipped_bit_is_noticed(int at)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var vault = ledger.WithKeys(Keys("k1"));
        await WriteAsync(vault, Content(ChunkText));
        var chunk = (await ChunksAsync(ledger.Database)).Single();
        chunk[at] ^= 0x10;
        await ledger.Database.WriteAsync(s => s.ExecuteAsync("UPDATE package_chunk SET bytes = @bytes", new Values().Add("bytes", new ArraySegment<byte>(chunk)), None), None);

        Assert.That(() => ReadAsync(vault), Damaged);
    }

    [Test]
    public async Task What_is_damaged_in_clear_is_not_given_whole()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WriteAsync(ledger.Vault, Content(10));
        await ledger.Database.WriteAsync(s => s.ExecuteAsync("UPDATE package_chunk SET bytes = @bytes", new Values().Add("bytes", new ArraySegment<byte>(Content(10, seed: 9))), None), None);

        Assert.That(() => ReadAsync(ledger.Vault), Damaged);
    }

    [Test]
    public async Task Another_key_under_the_same_id_opens_nothing()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WriteAsync(ledger.WithKeys(Keys("k1")), Content(10));

        var other = ledger.WithKeys(new VaultKeys([("k1", SHA256.HashData("another"u8))]));
        Assert.That(() => ReadAsync(other), Damaged);
    }

    [Test]
    public async Task Without_its_key_a_package_is_not_lost_but_waits_for_it()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var content = Content(10);
        await WriteAsync(ledger.WithKeys(Keys("k1")), content);

        var without = ledger.WithKeys(Keys("k2"));
        Assert.That(() => ReadAsync(without), Throws.TypeOf<VaultUnreadableException>().With.Property("Code").EqualTo(ReasonCodes.VaultKeyMissing));
        Assert.That(await without.EncryptOldAsync(None), Is.EqualTo(new EncryptionPass(0, 1)), "and is left as it is");
        Assert.That(await ReadAsync(ledger.WithKeys(Keys("k2", "k1"))), Is.EqualTo(content));
    }

    [Test]
    public async Task What_was_written_in_clear_stays_readable_when_there_is_a_key()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var content = Content(600_000);
        await WriteAsync(ledger.Vault, content);

        Assert.That(await ReadAsync(ledger.WithKeys(Keys("k1"))), Is.EqualTo(content));
    }

    [Test]
    public async Task Old_keys_and_clear_text_are_rewritten_until_the_old_key_is_needed_no_more()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var (clear, old) = (Content(600_000), Content(700_000, seed: 2));
        await WriteAsync(ledger.Vault, clear);
        await WriteAsync(ledger.WithKeys(Keys("k1")), old, Neighbour);
        var rotated = ledger.WithKeys(Keys("k2", "k1"));

        var pass = await rotated.EncryptOldAsync(None);

        var retired = ledger.WithKeys(Keys("k2"));
        Assert.That(pass, Is.EqualTo(new EncryptionPass(2, 0)));
        Assert.That(await retired.KeysInUseAsync(None), Is.EqualTo(new Dictionary<string, long> { ["k2"] = 2 }));
        Assert.That(await ReadAsync(retired), Is.EqualTo(clear));
        Assert.That(await ReadAsync(retired, Neighbour), Is.EqualTo(old));
        Assert.That(await ScalarAsync(ledger.Database, "SELECT count(*) FROM package_chunk"), Is.EqualTo(6), "of the old ones nothing is left");
        Assert.That(await rotated.EncryptOldAsync(None), Is.EqualTo(new EncryptionPass(0, 0)), "and it is done once");
    }

    [Test]
    public async Task A_reading_goes_on_in_the_rewritten_part()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var content = Content(2_000_000);
        await WriteAsync(ledger.Vault, content);
        var vault = ledger.WithKeys(Keys("k1"));
        using var given = new MemoryStream();
        using var slow = new StreamThatWaits(given, at: 3, () => vault.EncryptOldAsync(None));

        await vault.CopyToAsync(Package, VaultPart.Bundle, slow, None);

        Assert.That(await ScalarAsync(ledger.Database, "SELECT count(*) FROM package_part WHERE key_id IS NULL"), Is.Zero, "it was rewritten meanwhile");
        Assert.That(given.ToArray(), Is.EqualTo(content));
    }

    [Test]
    public async Task Two_replicas_that_rewrite_at_once_leave_one_copy()
    {
        var clock = new ManualTimeProvider(Start);
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        var content = Content(600_000);
        await WriteAsync(ledger.Vault, content);
        var (one, other) = (ledger.WithKeys(Keys("k1")), ledger.WithKeys(Keys("k1")));

        await Task.WhenAll(Task.Run(() => one.EncryptOldAsync(None)), Task.Run(() => other.EncryptOldAsync(None)));
        clock.Advance(TimeSpan.FromDays(2));
        // Named by nobody here, so what the purge leaves is decided by age alone: the sole copy is put under the clock again.
        await RunAsync(ledger.Database, $"UPDATE package_part SET started_at = {Instants.ToMicroseconds(clock.GetUtcNow())} WHERE number = (SELECT max(number) FROM package_part WHERE completed_at IS NOT NULL)");
        await one.PurgeOrphansAsync(TimeSpan.FromDays(1), None);

        Assert.That(await ScalarAsync(ledger.Database, "SELECT count(*) FROM package_part"), Is.EqualTo(1));
        Assert.That(await ReadAsync(one), Is.EqualTo(content));
    }

    [Test]
    public async Task Replicas_that_do_not_agree_about_the_first_key_come_to_an_end()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var content = Content(1000);
        await WriteAsync(ledger.Vault, content);
        var other = ledger.WithKeys(Keys("k2", "k1"));
        var one = new PackageVault(new Interrupted(ledger.Database, most: 10, () => other.EncryptOldAsync(None)), Keys("k1", "k2"));

        var pass = await one.EncryptOldAsync(None);

        Assert.That(pass, Is.EqualTo(new EncryptionPass(1, 0)), "it was one part when the pass began");
        Assert.That(await ReadAsync(other), Is.EqualTo(content));
    }

    private static NUnit.Framework.Constraints.IResolveConstraint Damaged
        => Throws.TypeOf<VaultUnreadableException>().With.Property("Code").EqualTo(ReasonCodes.VaultDamaged);

    private static VaultKeys Keys(params string[] ids) => new([.. ids.Select(id => (id, SHA256.HashData(Encoding.UTF8.GetBytes(id))))]);

    private static byte[] Content(int length, int seed = 1)
    {
        var content = new byte[length];
        new Random(seed).NextBytes(content);
        return content;
    }

    private static async Task<VaultReceipt> WriteAsync(PackageVault vault, byte[] content, Guid? id = null)
    {
        await using var writer = await vault.OpenWriteAsync(id ?? Package, VaultPart.Bundle, None);
        await writer.WriteAsync(content, None);
        return await writer.CompleteAsync(None);
    }

    private static async Task<byte[]?> ReadAsync(PackageVault vault, Guid? id = null)
    {
        using var content = new MemoryStream();
        return await vault.CopyToAsync(id ?? Package, VaultPart.Bundle, content, None) ? content.ToArray() : null;
    }

    private static Task<int> RunAsync(LedgerDatabase database, string sql) => database.WriteAsync(s => s.ExecuteAsync(sql, new Values(), None), None);

    private static Task<long?> ScalarAsync(LedgerDatabase database, string sql) => database.ReadAsync(s => s.ScalarAsync(sql, new Values(), None), None);

    private static Task<List<byte[]>> ChunksAsync(LedgerDatabase database) => database.ReadAsync(
        s => s.ReadRowsAsync("SELECT bytes FROM package_chunk ORDER BY part, n", new Values(), row => (byte[])row.GetValue(0), None), None);

    /// <summary>Something else happens before each of the first reads.</summary>
    private sealed class Interrupted(LedgerDatabase inner, int most, Func<Task> meanwhile) : LedgerDatabase(inner.Sql, inner.Clock)
    {
        private int _times;

        public override Task OpenAsync(CancellationToken cancellationToken) => inner.OpenAsync(cancellationToken);

        public override Task<T> WriteAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken) => inner.WriteAsync(work, cancellationToken);

        public override Task<T> WriteSinglyAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken) => inner.WriteSinglyAsync(work, cancellationToken);

        public override async Task<T> ReadAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken)
        {
            if (++_times <= most)
            {
                await meanwhile();
            }

            return await inner.ReadAsync(work, cancellationToken);
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>Does something else before it takes its n-th piece.</summary>
    private sealed class StreamThatWaits(Stream inner, int at, Func<Task> meanwhile) : Stream
    {
        private int _pieces;

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => inner.Length;
        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (++_pieces == at)
            {
                await meanwhile();
            }

            await inner.WriteAsync(buffer, cancellationToken);
        }

        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
