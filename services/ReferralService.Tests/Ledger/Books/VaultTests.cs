using System.Security.Cryptography;
using ReferralService.Ledger;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

internal sealed class VaultTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Guid Package = Guid.CreateVersion7(Start);

    [TestCase(0, 0)]
    [TestCase(1, 1)]
    [TestCase(PackageVault.ChunkBytes, 1)]
    [TestCase(PackageVault.ChunkBytes + 1, 2)]
    [TestCase(10_000_000, 39)]
    public async Task What_goes_in_comes_out(int length, int chunks)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var content = Content(length);

        var receipt = await WriteAsync(ledger.Vault, content);

        Assert.That(receipt, Is.EqualTo(new VaultReceipt($"sha-256:{Convert.ToHexStringLower(SHA256.HashData(content))}", length, chunks)));
        Assert.That(await ReadAsync(ledger.Vault), Is.EqualTo(content));
    }

    [Test]
    public async Task Bundle_and_manifest_are_apart()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WriteAsync(ledger.Vault, Content(10));

        Assert.That(await ReadAsync(ledger.Vault, VaultPart.Manifest), Is.Null);
    }

    [Fault("K08")]
    [Test]
    public async Task An_unfinished_write_is_not_there_and_the_next_replaces_it()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await using (var unfinished = await ledger.Vault.OpenWriteAsync(Package, VaultPart.Bundle, None))
        {
            await unfinished.WriteAsync(Content(600_000), None);
        }

        var before = await ReadAsync(ledger.Vault);
        var content = Content(300_000, seed: 2);
        await WriteAsync(ledger.Vault, content);

        Assert.That(before, Is.Null);
        Assert.That(await ReadAsync(ledger.Vault), Is.EqualTo(content));
    }

    [Test]
    public async Task Two_writes_that_overlap_do_not_mix()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await using var first = await ledger.Vault.OpenWriteAsync(Package, VaultPart.Bundle, None);
        await using var second = await ledger.Vault.OpenWriteAsync(Package, VaultPart.Bundle, None);
        await first.WriteAsync(Content(900_000, seed: 1), None);
        await second.WriteAsync(Content(400_000, seed: 2), None);

        await second.CompleteAsync(None);
        await first.CompleteAsync(None);

        Assert.That(await ReadAsync(ledger.Vault), Is.EqualTo(Content(400_000, seed: 2)));
    }

    [Test]
    public async Task A_package_that_a_referral_names_does_not_change_under_it()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await using var late = await ledger.Vault.OpenWriteAsync(Package, VaultPart.Bundle, None);
        await late.WriteAsync(Content(10, seed: 2), None);
        var content = Content(10, seed: 1);
        await NameAsync(ledger.Referrals, await WriteAsync(ledger.Vault, content));

        Assert.That(() => late.CompleteAsync(None), Throws.InvalidOperationException.With.Message.EqualTo("vault-package-sealed"));
        Assert.That(await ReadAsync(ledger.Vault), Is.EqualTo(content));
    }

    [Fault("K08")]
    [Test]
    public async Task Old_packages_that_no_referral_names_are_purged_and_only_those()
    {
        var clock = new ManualTimeProvider(Start);
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        var named = Content(600_000);
        await NameAsync(ledger.Referrals, await WriteAsync(ledger.Vault, named));
        for (var i = 0; i < 25; i++)
        {
            await WriteAsync(ledger.Vault, Content(10), Orphan(i));
        }

        await using var unfinished = await ledger.Vault.OpenWriteAsync(Package, VaultPart.Bundle, None);
        await unfinished.WriteAsync(Content(600_000), None);
        clock.Advance(TimeSpan.FromHours(2));
        await WriteAsync(ledger.Vault, Content(10), Orphan(99));

        var purged = await ledger.Vault.PurgeOrphansAsync(TimeSpan.FromHours(1), None);

        Assert.That(purged, Is.EqualTo(26));
        Assert.That(await ReadAsync(ledger.Vault), Is.EqualTo(named));
        Assert.That(await ReadAsync(ledger.Vault, id: Orphan(0)), Is.Null);
        Assert.That(await ReadAsync(ledger.Vault, id: Orphan(99)), Is.Not.Null);
    }

    [Test]
    public async Task An_earlier_package_of_a_referral_is_kept()
    {
        var clock = new ManualTimeProvider(Start);
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        var referral = await NameAsync(ledger.Referrals, await WriteAsync(ledger.Vault, Content(10)));
        await ledger.Referrals.DecideAsync(new DecisionScope.One(referral.Id),
            rows => new Decision<bool>(true, [], [Step(rows.Single(), "packaged", r => r with { PackageId = Orphan(1), PackageVersion = 2 })]), None);
        clock.Advance(TimeSpan.FromHours(2));

        Assert.That(await ledger.Vault.PurgeOrphansAsync(TimeSpan.FromHours(1), None), Is.Zero);
    }

    private static Guid Orphan(int i) => new(i + 1, 0, 0, new byte[8]);

    private static byte[] Content(int length, int seed = 1)
    {
        var content = new byte[length];
        new Random(seed).NextBytes(content);
        return content;
    }

    private static async Task<VaultReceipt> WriteAsync(PackageVault vault, byte[] content, Guid? id = null)
    {
        await using var writer = await vault.OpenWriteAsync(id ?? Package, VaultPart.Bundle, None);
        // In pieces that do not fit the chunks.
        for (var at = 0; at < content.Length; at += 100_003)
        {
            await writer.WriteAsync(content.AsMemory(at, Math.Min(100_003, content.Length - at)), None);
        }

        return await writer.CompleteAsync(None);
    }

    private static async Task<byte[]?> ReadAsync(PackageVault vault, VaultPart part = VaultPart.Bundle, Guid? id = null)
    {
        using var content = new MemoryStream();
        return await vault.CopyToAsync(id ?? Package, part, content, None) ? content.ToArray() : null;
    }

    private static async Task<Referral> NameAsync(ReferralBook book, VaultReceipt receipt)
    {
        var referral = await CreateAsync(book, New("1"));
        return await book.DecideAsync(new DecisionScope.One(referral.Id), rows =>
        {
            var step = Step(rows.Single(), "packaged", r => r with { State = ReferralState.Packaged, PackageId = Package, PackageVersion = 1, PackageDigest = receipt.Digest });
            return new Decision<Referral>(step.After, [], [step]);
        }, None);
    }
}
