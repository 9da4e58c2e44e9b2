using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ReferralService.Contracts;
using ReferralService.Ledger;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

internal sealed class VaultPackingTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Guid Package = Guid.CreateVersion7(Start);

    [Test]
    public async Task What_is_packed_comes_out_as_it_went_in_and_is_a_fraction_of_it_at_rest([Values] bool keyed, [Values(10_000, 262_116, 262_144, 1_000_000)] int length)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var vault = Vault(ledger.Database, keyed);
        var content = Clinical(length);

        var receipt = await WriteAsync(vault, content);

        Assert.Multiple(async () =>
        {
            Assert.That(receipt.Digest, Is.EqualTo($"sha-256:{Convert.ToHexStringLower(SHA256.HashData(content))}"), "of the plain bytes");
            Assert.That(await ReadAsync(vault), Is.EqualTo(content));
            Assert.That((await ChunksAsync(ledger.Database)).Sum(chunk => chunk.Length), Is.LessThan(content.Length / 3));
        });
    }

    [Test]
    public async Task What_cannot_be_made_smaller_is_stored_as_the_build_before_stores_it([Values] bool keyed)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var noise = RandomNumberGenerator.GetBytes(600_000);
        await WriteAsync(Vault(ledger.Database, keyed), noise);

        Assert.That((await ChunksAsync(ledger.Database)).Any(chunk => PackedChunk.Is(chunk)), Is.False);
        Assert.That(await ReadAsync(Vault(ledger.Database, keyed, compress: false)), Is.EqualTo(noise));
    }

    [Test]
    public async Task Packed_and_plain_chunks_stand_in_one_part_and_whoever_does_not_pack_reads_both([Values] bool keyed)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        byte[] content = [.. Clinical(300_000), .. RandomNumberGenerator.GetBytes(600_000), .. Clinical(400_000)];
        await WriteAsync(Vault(ledger.Database, keyed), content);
        var chunks = await ChunksAsync(ledger.Database);

        Assert.That((chunks.Any(chunk => PackedChunk.Is(chunk)), chunks.Any(chunk => !PackedChunk.Is(chunk))), Is.EqualTo((true, true)));
        Assert.That(await ReadAsync(Vault(ledger.Database, keyed, compress: false)), Is.EqualTo(content));
    }

    [Test]
    public async Task What_was_stored_before_is_read_by_whoever_packs([Values] bool keyed)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var content = Clinical(700_000);
        await WriteAsync(Vault(ledger.Database, keyed, compress: false), content);

        Assert.That((await ChunksAsync(ledger.Database)).Any(chunk => PackedChunk.Is(chunk)), Is.False);
        Assert.That(await ReadAsync(Vault(ledger.Database, keyed)), Is.EqualTo(content));
    }

    [Test]
    public async Task A_flipped_bit_of_a_packed_chunk_is_noticed([Values] bool keyed, [Values(4, 8, 20, 200, -1)] int at)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WriteAsync(Vault(ledger.Database, keyed), Clinical(100_000));
        var chunk = (await ChunksAsync(ledger.Database)).Single();
        chunk[at < 0 ? ^1 : at] ^= 0x10;
        await StoreAsync(ledger.Database, chunk);

        Assert.That(() => ReadAsync(Vault(ledger.Database, keyed)), Damaged);
    }

    [Test]
    public async Task A_packed_chunk_is_not_taken_for_a_plain_one_whose_mark_is_gone()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WriteAsync(Vault(ledger.Database, keyed: true), Clinical(100_000));
        await StoreAsync(ledger.Database, (await ChunksAsync(ledger.Database)).Single()[PackedChunk.Mark.Length..]);

        Assert.That(() => ReadAsync(Vault(ledger.Database, keyed: true)), Damaged, "the seal knows what it sealed");
    }

    [Test]
    public async Task Bytes_behind_a_packed_chunk_in_clear_are_noticed()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WriteAsync(Vault(ledger.Database, keyed: false), Clinical(100_000));
        await StoreAsync(ledger.Database, [.. (await ChunksAsync(ledger.Database)).Single(), 0]);

        Assert.That(() => ReadAsync(Vault(ledger.Database, keyed: false)), Damaged);
    }

    [Test]
    public async Task Packed_packages_are_rewritten_under_the_next_key()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var content = Clinical(700_000);
        await WriteAsync(Vault(ledger.Database, keyed: false), content);
        var vault = Vault(ledger.Database, keyed: true);

        Assert.That(await vault.EncryptOldAsync(None), Is.EqualTo(new EncryptionPass(1, 0)));
        Assert.That(await ReadAsync(vault), Is.EqualTo(content));
    }

    private static PackageVault Vault(LedgerDatabase database, bool keyed, bool compress = true)
        => new(database, keyed ? new VaultKeys([("k1", SHA256.HashData("k1"u8))]) : VaultKeys.None, compress);

    private static NUnit.Framework.Constraints.IResolveConstraint Damaged
        => Throws.TypeOf<VaultUnreadableException>().With.Property("Code").EqualTo(ReasonCodes.VaultDamaged);

    /// <summary>As repetitive as resources are.</summary>
    private static byte[] Clinical(int length)
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $$$"""{"resourceType":"Observation","id":"o{{{i}}}","status":"final","code":{"text":"AFP"},"subject":{"reference":"Patient/p{{{i % 7}}}"},"valueQuantity":{"value":{{{i * 31 % 977}}},"unit":"ng/mL"}}""");
        }

        return Encoding.UTF8.GetBytes(text.ToString(0, length));
    }

    private static async Task<VaultReceipt> WriteAsync(PackageVault vault, byte[] content)
    {
        await using var writer = await vault.OpenWriteAsync(Package, VaultPart.Bundle, None);
        await writer.WriteAsync(content, None);
        return await writer.CompleteAsync(None);
    }

    private static async Task<byte[]?> ReadAsync(PackageVault vault)
    {
        using var content = new MemoryStream();
        return await vault.CopyToAsync(Package, VaultPart.Bundle, content, None) ? content.ToArray() : null;
    }

    private static Task<int> StoreAsync(LedgerDatabase database, byte[] chunk) => database.WriteAsync(
        s => s.ExecuteAsync("UPDATE package_chunk SET bytes = @bytes", new Values().Add("bytes", new ArraySegment<byte>(chunk)), None), None);

    private static Task<List<byte[]>> ChunksAsync(LedgerDatabase database) => database.ReadAsync(
        s => s.ReadRowsAsync("SELECT bytes FROM package_chunk ORDER BY part, n", new Values(), row => (byte[])row.GetValue(0), None), None);
}
