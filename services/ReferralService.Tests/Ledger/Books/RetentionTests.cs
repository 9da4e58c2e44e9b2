using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

internal sealed class RetentionTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Retention = TimeSpan.FromDays(30);

    [TestCase(ReferralState.Delivered)]
    [TestCase(ReferralState.Failed)]
    [TestCase(ReferralState.Cancelled)]
    public async Task A_package_goes_when_its_time_is_over_and_ids_digest_and_timeline_stay(ReferralState rest)
    {
        await using var scene = await Scene.OpenAsync();
        var referral = await scene.PackagedAsync("1", rest);
        var before = await scene.Book.TimelineAsync(referral.Id, None);

        scene.Clock.Advance(Retention);
        Assert.That(await scene.PurgeAsync(), Is.Zero, "not yet");
        scene.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await scene.PurgeAsync(), Is.EqualTo(1));

        var after = (await scene.Book.FindAsync(referral.Id, None))!;
        Assert.That(after, Is.EqualTo(referral with { PackagePurgedAt = scene.Clock.GetUtcNow(), Revision = referral.Revision + 1 }));
        Assert.That(await scene.Book.TimelineAsync(referral.Id, None), Is.EqualTo(before.Append(after.PurgedLine())).Using<TimelineEntry>((a, b) => a.Event == b.Event && a.Sequence == b.Sequence && a.PackageDigest == b.PackageDigest));
        Assert.That(await scene.HasAsync(referral.PackageId!.Value, VaultPart.Bundle), Is.False);
        Assert.That(await scene.HasAsync(referral.PackageId!.Value, VaultPart.Manifest), Is.False);
        Assert.That(await scene.CountAsync("package_chunk") + await scene.CountAsync("package_part"), Is.Zero);
    }

    [TestCase(ReferralState.Packaged)]
    [TestCase(ReferralState.Held)]
    public async Task What_does_not_rest_is_never_touched(ReferralState state)
    {
        await using var scene = await Scene.OpenAsync();
        var referral = await scene.PackagedAsync("1", state);

        scene.Clock.Advance(TimeSpan.FromDays(10_000));

        Assert.That(await scene.PurgeAsync(), Is.Zero);
        Assert.That(await scene.HasAsync(referral.PackageId!.Value, VaultPart.Bundle));
    }

    [Test]
    public async Task The_time_runs_from_the_last_open_loop_of_the_order()
    {
        await using var scene = await Scene.OpenAsync();
        var first = await scene.PackagedAsync("1", ReferralState.Delivered);
        var second = await scene.PackagedAsync("1", ReferralState.Held, recipient: "west");
        var stranger = await scene.PackagedAsync("2", ReferralState.Delivered);

        scene.Clock.Advance(Retention * 2);
        Assert.That(await scene.PurgeAsync(), Is.EqualTo(1), "the other order's");
        Assert.That(await scene.HasAsync(stranger.PackageId!.Value, VaultPart.Bundle), Is.False);

        await scene.RestAsync(second, ReferralState.Delivered);
        scene.Clock.Advance(Retention);
        Assert.That(await scene.PurgeAsync(), Is.Zero, "the second has just come to rest");
        Assert.That(await scene.HasAsync(first.PackageId!.Value, VaultPart.Bundle));

        scene.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await scene.PurgeAsync(), Is.EqualTo(2));
    }

    [Test]
    public async Task Every_version_that_was_packaged_goes_even_when_the_last_was_never_built()
    {
        await using var scene = await Scene.OpenAsync();
        var referral = await scene.PackagedAsync("1", ReferralState.Failed);
        await scene.ChangeAsync(referral, r => ReferralTransitions.Move(r, "2", scene.Clock.GetUtcNow()));
        await scene.ChangeAsync(referral, r => ((Verdict.Allowed)ReferralTransitions.Cancel(r, scene.Clock.GetUtcNow())).Transition);

        scene.Clock.Advance(Retention + TimeSpan.FromSeconds(1));

        Assert.That(await scene.PurgeAsync(), Is.EqualTo(1));
        Assert.That(await scene.CountAsync("package_chunk"), Is.Zero);
    }

    [Test]
    public async Task A_failed_referral_without_its_package_builds_the_next_version_on_retry()
    {
        await using var scene = await Scene.OpenAsync();
        var referral = await scene.PackagedAsync("1", ReferralState.Failed);
        scene.Clock.Advance(Retention + TimeSpan.FromSeconds(1));
        await scene.PurgeAsync();

        var retried = await scene.ChangeAsync(referral, r => ((Verdict.Allowed)ReferralTransitions.Retry(r, null, scene.Clock.GetUtcNow())).Transition);

        Assert.That((retried.State, retried.PackageId, retried.PackageVersion, retried.PackagePurgedAt), Is.EqualTo((ReferralState.Gathering, (Guid?)null, 1, (DateTimeOffset?)null)));
    }

    [Test]
    public async Task A_purge_says_how_much_went_and_how_old_it_was()
    {
        await using var scene = await Scene.OpenAsync();
        await scene.PackagedAsync("1", ReferralState.Delivered);
        scene.Clock.Advance(TimeSpan.FromHours(1));
        await scene.PackagedAsync("2", ReferralState.Failed);
        scene.Clock.Advance(Retention + TimeSpan.FromSeconds(1));

        Assert.That(await scene.PurgeRoundAsync(), Is.EqualTo(new PurgeRound(2, 4 * 600_000, Start)));
        Assert.That(await scene.PurgeRoundAsync(), Is.EqualTo(PurgeRound.Nothing));
    }

    [Test]
    [Fault("P04")]
    public async Task The_mark_of_a_purged_version_says_nothing_of_the_next_that_an_older_build_packaged()
    {
        await using var scene = await Scene.OpenAsync();
        var referral = await scene.PackagedAsync("1", ReferralState.Failed);
        scene.Clock.Advance(Retention + TimeSpan.FromSeconds(1));
        await scene.PurgeAsync();

        // The build before this one writes all it knows of the row, and nothing of the mark.
        var next = await scene.RepackagedByOlderBuildAsync(referral);
        var shown = (await scene.Book.FindAsync(referral.Id, None))!;
        scene.Clock.Advance(TimeSpan.FromDays(2));
        await scene.Vault.PurgeOrphansAsync(TimeSpan.FromDays(1), None);

        Assert.That(shown.PackagePurgedAt, Is.Null);
        Assert.That(await scene.HasAsync(next, VaultPart.Bundle), "what is not purged is no orphan");
        scene.Clock.Advance(Retention);
        Assert.That(await scene.PurgeAsync(), Is.EqualTo(1), "and its own time comes");
        Assert.That((await scene.Book.FindAsync(referral.Id, None))!.PackagePurgedAt, Is.EqualTo(scene.Clock.GetUtcNow()));
        Assert.That(await scene.HasAsync(next, VaultPart.Bundle), Is.False);
    }

    [Test]
    public async Task A_purge_that_was_cut_off_is_finished_by_the_next_round()
    {
        await using var scene = await Scene.OpenAsync();
        var referral = await scene.PackagedAsync("1", ReferralState.Delivered);
        // As a kill leaves it: marked, out of sight, the bytes still there.
        await scene.RunAsync("UPDATE package_part SET completed_at = NULL, started_at = 0");

        var visible = await scene.HasAsync(referral.PackageId!.Value, VaultPart.Bundle);
        await scene.Vault.PurgeOrphansAsync(TimeSpan.FromDays(1), None);

        Assert.That(visible, Is.False);
        Assert.That(await scene.CountAsync("package_chunk") + await scene.CountAsync("package_part"), Is.Zero);
    }

    [Test]
    public async Task A_write_that_the_purge_overtook_leaves_nothing_behind()
    {
        await using var scene = await Scene.OpenAsync();
        var referral = await scene.PackagedAsync("1", ReferralState.Delivered);
        await using var late = await scene.Vault.OpenWriteAsync(referral.PackageId!.Value, VaultPart.Bundle, None);
        await late.WriteAsync(new byte[600_000], None);
        scene.Clock.Advance(Retention + TimeSpan.FromSeconds(1));
        await scene.PurgeAsync();

        await late.WriteAsync(new byte[10], None);

        Assert.That(() => late.CompleteAsync(None), Throws.InvalidOperationException.With.Message.EqualTo("vault-part-doomed"));
        Assert.That(await scene.CountAsync("package_chunk"), Is.Zero);
    }

    [Test]
    public async Task A_write_so_small_that_the_purge_could_not_see_it_goes_with_the_next()
    {
        await using var scene = await Scene.OpenAsync();
        var referral = await scene.PackagedAsync("1", ReferralState.Delivered);
        await using var late = await scene.Vault.OpenWriteAsync(referral.PackageId!.Value, VaultPart.Bundle, None);
        await late.WriteAsync(new byte[10], None);
        scene.Clock.Advance(Retention + TimeSpan.FromSeconds(1));
        await scene.PurgeAsync();

        await late.CompleteAsync(None);
        scene.Clock.Advance(TimeSpan.FromDays(2));
        await scene.Vault.PurgeOrphansAsync(TimeSpan.FromDays(1), None);

        Assert.That(await scene.CountAsync("package_chunk"), Is.Zero);
    }

    private sealed class Scene : IAsyncDisposable
    {
        private readonly LedgerDatabase _database;
        private readonly IAsyncDisposable _ledger;

        private Scene(IAsyncDisposable ledger, LedgerDatabase database, ReferralBook book, PackageVault vault, ManualTimeProvider clock)
            => (_ledger, _database, Book, Vault, Clock) = (ledger, database, book, vault, clock);

        public ReferralBook Book { get; }
        public PackageVault Vault { get; }
        public ManualTimeProvider Clock { get; }

        public static async Task<Scene> OpenAsync()
        {
            var clock = new ManualTimeProvider(Start);
            var ledger = await LedgerUnderTest.OpenAsync(clock);
            return new(ledger, ledger.Database, ledger.Referrals, ledger.Vault, clock);
        }

        public async Task<int> PurgeAsync() => (await PurgeRoundAsync()).Referrals;

        public Task<PurgeRound> PurgeRoundAsync() => new PackageRetention(_database, Vault).PurgeAsync(Clock.GetUtcNow() - Retention, None);

        /// <summary>A referral with bundle and manifest in the vault, in a state.</summary>
        public async Task<Referral> PackagedAsync(string order, ReferralState state, string recipient = "east")
        {
            var referral = await CreateAsync(Book, New(order, recipient: recipient));
            var id = Guid.CreateVersion7(Clock.GetUtcNow());
            var receipt = await WriteAsync(id, VaultPart.Bundle);
            await WriteAsync(id, VaultPart.Manifest);
            await ChangeAsync(referral, r => Step(r, "packaged", x => x with
            {
                State = ReferralState.Packaged, PackageId = id, PackageVersion = 1, PackageForm = PackageForm.Document, PackageDigest = receipt.Digest, PackageBytes = receipt.Bytes, UpdatedAt = Clock.GetUtcNow(),
            }));
            return state == ReferralState.Packaged ? (await Book.FindAsync(referral.Id, None))! : await RestAsync(referral, state);
        }

        public async Task<Guid> RepackagedByOlderBuildAsync(Referral referral)
        {
            var id = Guid.CreateVersion7(Clock.GetUtcNow());
            var receipt = await WriteAsync(id, VaultPart.Bundle);
            await _database.WriteAsync(
                s => s.ExecuteAsync(
                    "UPDATE referral SET package_version = 2, package_id = @package_id, package_digest = @digest, state = 'delivered', due_at = NULL, updated_at = @now, revision = revision + 1 WHERE id = @id",
                    new Values().Add("package_id", (Guid?)id).Add("digest", receipt.Digest).Add("now", Clock.GetUtcNow()).Add("id", referral.Id), None),
                None);
            await _database.WriteAsync(
                s => s.ExecuteAsync(
                    "INSERT INTO timeline (referral, revision, position, event, at, state, attempt, package_id, package_digest) SELECT number, revision, 0, 'packaged', updated_at, state, attempt, package_id, package_digest FROM referral WHERE id = @id",
                    new Values().Add("id", referral.Id), None),
                None);
            return id;
        }

        public Task<Referral> RestAsync(Referral referral, ReferralState state)
            => ChangeAsync(referral, r => Step(r, state.Name(), x => x with { State = state, DueAt = null, UpdatedAt = Clock.GetUtcNow() }));

        public async Task<Referral> ChangeAsync(Referral referral, Func<Referral, Transition> change)
        {
            await Book.DecideAsync(new DecisionScope.One(referral.Id), rows => new Decision<bool>(true, [], [change(rows.Single(r => r.Id == referral.Id))]), None);
            return (await Book.FindAsync(referral.Id, None))!;
        }

        public async Task<bool> HasAsync(Guid package, VaultPart part) => await Vault.CopyToAsync(package, part, Stream.Null, None);

        public Task<long?> CountAsync(string table) => _database.ReadAsync(s => s.ScalarAsync($"SELECT count(*) FROM {table}", new Values(), None), None);

        public Task<int> RunAsync(string sql) => _database.WriteAsync(s => s.ExecuteAsync(sql, new Values(), None), None);

        public ValueTask DisposeAsync() => _ledger.DisposeAsync();

        private async Task<VaultReceipt> WriteAsync(Guid package, VaultPart part)
        {
            await using var writer = await Vault.OpenWriteAsync(package, part, None);
            await writer.WriteAsync(new byte[600_000], None);
            return await writer.CompleteAsync(None);
        }
    }
}

file static class Lines
{
    public static TimelineEntry PurgedLine(this Referral referral) => new(
        null, null, "package-purged", referral.PackagePurgedAt!.Value, referral.State, referral.Recipient, referral.Attempt, referral.PackageId, referral.PackageDigest, null, null, null, null);
}
