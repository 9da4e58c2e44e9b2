using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Ledger;
using ReferralService.Ledger.Sqlite;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

/// <summary>What only the SQLite ledger does: its file, its lock, its one writer.</summary>
internal sealed class SqliteFileTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private DirectoryInfo _folder = null!;

    private string File => Path.Combine(_folder.FullName, "data", "referrals.db");

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("referral-ledger-");

    [TearDown]
    public void DeleteFolder() => _folder.Delete(recursive: true);

    [Test]
    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    public async Task The_folder_is_made_and_closed_to_others()
    {
        await using var ledger = await OpenAsync();

        Assert.That(System.IO.File.GetUnixFileMode(File), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(System.IO.File.GetUnixFileMode(File + "-wal"), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public async Task A_second_process_on_the_same_file_is_refused_with_the_remedy()
    {
        await using var ledger = await OpenAsync();

        Assert.That(OpenAsync, Throws.InstanceOf<LedgerStartException>().With.Message.Contains("SQLite mode is single-writer; use PostgreSQL for several replicas"));
    }

    [Test]
    public async Task The_file_is_free_again_after_closing()
    {
        await (await OpenAsync()).DisposeAsync();

        await using var again = await OpenAsync();

        Assert.That(() => again.CheckWritableAsync(None), Throws.Nothing);
    }

    [Test]
    public async Task The_log_says_from_which_version_to_which_the_schema_was_brought()
    {
        var log = new Lines();
        await using (var first = new SqliteLedger($"Data Source={File}", new ManualTimeProvider(), log))
        {
            await first.OpenAsync(None);
        }

        await using var again = new SqliteLedger($"Data Source={File}", new ManualTimeProvider(), log);
        await again.OpenAsync(None);

        Assert.That(log.All.Where(line => line.StartsWith("6003", StringComparison.Ordinal)), Is.EqualTo(new[] { $"6003 The ledger's schema was brought from version 0 to {LedgerScripts.Of("sqlite")[^1].Version} in 0 ms (0: the ledger is new)" }));
    }

    [Test]
    public async Task A_schema_newer_than_the_build_is_refused_and_left_alone()
    {
        await using (var ledger = await OpenAsync())
        {
            await RunAsync(ledger, "PRAGMA user_version = 7");
        }

        Assert.That(OpenAsync, Throws.InstanceOf<LedgerStartException>().With.Message.StartsWith("The ledger is at schema 7, newer than this build knows"));
    }

    [Test]
    public void A_file_that_is_no_database_is_refused_with_its_path()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, new string('x', 5000));

        Assert.That(OpenAsync, Throws.InstanceOf<LedgerStartException>().With.Message.Contains(File));
    }

    [Test]
    public async Task What_was_committed_is_there_after_a_kill_and_what_was_at_work_counts_as_a_crash()
    {
        var copy = Path.Combine(_folder.FullName, "after-the-kill.db");
        await using (var killed = await OpenAsync())
        {
            var book = Book(killed);
            var begun = await BegunAsync(book, "1", TimeSpan.FromHours(1));
            await CreateAsync(book, New("2"));
            // What a kill leaves: the files as they are, write-ahead log and all, nothing closed.
            System.IO.File.Copy(File, copy);
            System.IO.File.Copy(File + "-wal", copy + "-wal");
        }

        await using var successor = await OpenAsync(copy);

        var claimed = await ClaimAsync(Book(successor));
        Assert.That(claimed.Select(c => (c.Id, c.Crashes)), Is.EquivalentTo(new[] { (New("1").Id, 1), (New("2").Id, 0) }));
    }

    [Test]
    public async Task A_full_disk_is_told_writes_nothing_and_is_over_when_there_is_room()
    {
        await using var ledger = await OpenAsync();
        var pages = await ledger.ReadAsync(s => s.ScalarAsync("PRAGMA page_count", new Values(), None), None);
        await RunAsync(ledger, $"PRAGMA max_page_count = {pages + 2}");
        var vault = new PackageVault(ledger);

        Assert.That(() => WriteAsync(vault), Throws.InstanceOf<LedgerUnavailableException>().With.Property(nameof(LedgerUnavailableException.Code)).EqualTo("ledger-full"));

        await RunAsync(ledger, "PRAGMA max_page_count = 1000000");
        await WriteAsync(vault);
        Assert.That(await ledger.ReadAsync(s => s.ScalarAsync("SELECT count(*) FROM package_chunk", new Values(), None), None), Is.EqualTo(2));

        static async Task WriteAsync(PackageVault vault)
        {
            await using var writer = await vault.OpenWriteAsync(Guid.CreateVersion7(Start), VaultPart.Bundle, None);
            await writer.WriteAsync(new byte[2 * PackageVault.ChunkBytes], None);
            await writer.CompleteAsync(None);
        }
    }

    [Test]
    public async Task Of_a_package_that_was_deleted_nothing_is_left_in_the_file_or_its_log()
    {
        await using var ledger = await OpenAsync();
        var vault = new PackageVault(ledger);
        await using (var writer = await vault.OpenWriteAsync(Guid.CreateVersion7(Start), VaultPart.Bundle, None))
        {
            await writer.WriteAsync(System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("ZZPHI ", 100_000))), None);
            await writer.CompleteAsync(None);
        }

        var before = Marked();
        // Nobody names it, and by this measure it is old.
        await vault.PurgeOrphansAsync(TimeSpan.FromDays(-1), None);
        await vault.WipeAsync(None);

        Assert.That(before, Is.Not.Empty, "it was there");
        Assert.That(Marked(), Is.Empty);

        List<string> Marked() => [.. Directory.GetFiles(Path.GetDirectoryName(File)!).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal) && Read(file).AsSpan().IndexOf("ZZPHI"u8) >= 0)];

        static byte[] Read(string file)
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }
    }

    [Test]
    public async Task A_locked_file_is_told_as_busy_and_works_again_when_it_is_free()
    {
        await using var ledger = await OpenAsync(busyTimeout: TimeSpan.FromMilliseconds(50));
        using (var other = new SqliteSession($"Data Source={File};Pooling=False", "BEGIN EXCLUSIVE", TimeProvider.System))
        {
            Assert.That(() => ledger.CheckWritableAsync(None),
                Throws.InstanceOf<LedgerUnavailableException>().With.Property(nameof(LedgerUnavailableException.Code)).EqualTo("ledger-busy"));
        }

        Assert.That(() => ledger.CheckWritableAsync(None), Throws.Nothing);
    }

    [Test]
    public async Task An_item_that_fails_in_a_group_is_undone_alone()
    {
        await using var ledger = await OpenAsync();
        using var gate = new SemaphoreSlim(0);
        // Holds the writer, so that what follows is queued and becomes one group; the group may be run twice.
        var holding = ledger.WriteAsync(async _ => { await gate.WaitAsync(); return 0; }, None);
        var good = ledger.WriteAsync(s => s.ExecuteAsync(Insert, Row("good"), None), None);
        var bad = ledger.WriteAsync(async s =>
        {
            await s.ExecuteAsync(Insert, Row("bad"), None);
            return await s.ExecuteAsync(Insert, Row("bad"), None);
        }, None);
        var alsoGood = ledger.WriteAsync(s => s.ExecuteAsync(Insert, Row("also-good"), None), None);
        gate.Release(2);
        await holding;

        Assert.That(() => bad, Throws.InstanceOf<Microsoft.Data.Sqlite.SqliteException>());
        Assert.That(await Task.WhenAll(good, alsoGood), Is.All.EqualTo(1));
        Assert.That(await ledger.ReadAsync(s => s.ReadRowsAsync("SELECT partner FROM partner_memory ORDER BY partner", new Values(), r => r.GetString(0), None), None),
            Is.EqualTo(new[] { "also-good", "good" }));
    }

    [Test]
    public async Task A_write_given_up_before_its_turn_is_not_done()
    {
        await using var ledger = await OpenAsync();
        using var gate = new SemaphoreSlim(0);
        using var givenUp = new CancellationTokenSource();
        var holding = ledger.WriteAsync(async _ => { await gate.WaitAsync(); return 0; }, None);
        var queued = ledger.WriteAsync(s => s.ExecuteAsync(Insert, Row("late"), None), givenUp.Token);
        await givenUp.CancelAsync();
        gate.Release();
        await holding;

        Assert.That(() => queued, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await ledger.ReadAsync(s => s.ScalarAsync("SELECT count(*) FROM partner_memory", new Values(), None), None), Is.Zero);
    }

    private const string Insert = "INSERT INTO partner_memory (partner, key, value, at) VALUES (@partner, 'k', 'v', 0)";

    private static Values Row(string partner) => new Values().Add("partner", partner);

    private static ReferralBook Book(LedgerDatabase ledger) => new(ledger, new LedgerOptions(), new WorkSignals());

    private static Task<int> RunAsync(SqliteLedger ledger, string pragma) => ledger.WriteAsync(s => s.ExecuteAsync(pragma, new Values(), None), None);

    private Task<SqliteLedger> OpenAsync() => OpenAsync(File);

    private async Task<SqliteLedger> OpenAsync(string? file = null, TimeSpan? busyTimeout = null)
    {
        var ledger = new SqliteLedger($"Data Source={file ?? File}", new ManualTimeProvider(Start), NullLogger<SqliteLedger>.Instance, busyTimeout);
        await ledger.OpenAsync(None);
        return ledger;
    }

    private sealed class Lines : ILogger<SqliteLedger>
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => All.Add($"{eventId.Id} {formatter(state, exception)}");
    }
}
