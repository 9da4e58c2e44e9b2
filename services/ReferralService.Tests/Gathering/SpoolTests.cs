using System.Security.Cryptography;
using System.Text;
using ReferralService.Gathering;

namespace ReferralService.Tests.Gathering;

public sealed class SpoolTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("spool-tests").FullName;

    [TearDown]
    public void DropFolder() => Directory.Delete(_folder, recursive: true);

    [TestCase(int.MaxValue, false)]
    [TestCase(300_000, true)]
    [TestCase(0, true)]
    public async Task Bodies_come_back_as_they_went_in_from_memory_and_from_disk(int memoryLimit, bool onDisk)
    {
        await using var spool = new Spool(_folder, memoryLimit);
        var bodies = Enumerable.Range(0, 60).Select(i => Body(i, 1 + (i * 7919 % 40_000))).Append(Body(7, 500_000)).Append([]).ToArray();
        var offsets = new long[bodies.Length];
        Parallel.For(0, bodies.Length, i => offsets[i] = spool.Append(bodies[i]));

        byte[] buffer = [];
        for (int i = 0; i < bodies.Length; i++) Assert.That(spool.Read(offsets[i], bodies[i].Length, ref buffer).Span.SequenceEqual(bodies[i]), $"body {i}");
        Assert.That(spool.IsOnDisk, Is.EqualTo(onDisk));
        Assert.That(spool.Length, Is.EqualTo(bodies.Sum(b => (long)b.Length)));
    }

    [TestCase(1)]
    [TestCase(SpoolFile.BlockSize - 1)]
    [TestCase(SpoolFile.BlockSize)]
    [TestCase(SpoolFile.BlockSize + 1)]
    [TestCase(3 * SpoolFile.BlockSize)]
    public void Any_slice_of_a_file_comes_back_however_it_was_cut(int piece)
    {
        using var file = new SpoolFile(SpoolFolder.NewFile(_folder));
        var all = Body(3, (4 * SpoolFile.BlockSize) + 77);
        for (var at = 0; at < all.Length; at += piece) file.Append(all.AsSpan(at, Math.Min(piece, all.Length - at)));

        var random = new Random(5);
        for (var i = 0; i < 200; i++)
        {
            var from = random.Next(all.Length);
            var slice = new byte[random.Next(all.Length - from + 1)];
            file.Read(slice, from);
            Assert.That(slice.AsSpan().SequenceEqual(all.AsSpan(from, slice.Length)), $"{from}+{slice.Length}");
        }
    }

    [Test]
    public void What_lies_on_disk_is_noise()
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("ZZPHI of a patient. ", 10_000)));
        using var stored = NamedFile();
        using var file = new SpoolFile(stored);
        file.Append(text);

        var bytes = Stored(stored);
        Assert.That(bytes, Has.Length.GreaterThan(text.Length - SpoolFile.BlockSize), "all but the block being filled");
        Assert.That(bytes.AsSpan().IndexOf("ZZPHI"u8), Is.Negative);
    }

    [Test]
    public void Equal_bodies_in_two_files_have_nothing_in_common()
    {
        var (body, first, second) = (Body(1, SpoolFile.BlockSize), NamedFile(), NamedFile());
        using var one = new SpoolFile(first);
        using var other = new SpoolFile(second);
        one.Append(body);
        other.Append(body);

        Assert.That(Stored(first), Is.Not.EqualTo(Stored(second)));
    }

    [Test]
    public void The_room_of_what_was_given_up_is_used_anew_and_what_stays_stays()
    {
        using var file = new SpoolFile(SpoolFolder.NewFile(_folder));
        var (kept, lost, late) = (Body(1, 40_000), Body(2, 10 * SpoolFile.BlockSize), Body(3, 10 * SpoolFile.BlockSize));
        file.Append(kept);
        file.Append(lost);
        file.Append(kept);
        file.Release(kept.Length, 25_000);
        file.Release(kept.Length + 25_000, lost.Length - 25_000);
        var before = file.Places;
        file.Append(late);

        var (first, second, third) = (new byte[kept.Length], new byte[kept.Length], new byte[late.Length]);
        file.Read(first, 0);
        file.Read(second, kept.Length + lost.Length);
        file.Read(third, (2 * kept.Length) + lost.Length);
        Assert.Multiple(() =>
        {
            Assert.That(first, Is.EqualTo(kept));
            Assert.That(second, Is.EqualTo(kept));
            Assert.That(third, Is.EqualTo(late));
            Assert.That(file.Places, Is.LessThan(before + 3));
            Assert.That(() => file.Read(new byte[10], kept.Length + (3 * SpoolFile.BlockSize)), Throws.TypeOf<InvalidDataException>());
        });
    }

    [Test]
    public async Task Only_what_a_draft_kept_counts([Values(0, int.MaxValue)] int memoryLimit)
    {
        await using var spool = new Spool(_folder, memoryLimit);
        using (var draft = new SpoolDraft(spool, limit: 1000))
        {
            draft.Append(Body(1, 600));
            Assert.That(() => draft.Append(Body(2, 500)), Throws.TypeOf<RecordLimitException>());
        }

        Assert.That(spool.Live, Is.Zero);
        using var again = new SpoolDraft(spool, limit: 1000);
        Assert.That(again.Append(Body(2, 900)), Is.EqualTo(600));
    }

    [TestCase(true, TestName = "A bit that was flipped on disk is noticed")]
    [TestCase(false, TestName = "A block that stands in for another is noticed")]
    public void Tampering_is_noticed(bool flip)
    {
        using var stored = NamedFile();
        using var file = new SpoolFile(stored);
        file.Append(Body(1, 2 * SpoolFile.BlockSize));
        var bytes = Stored(stored);
        var half = bytes.Length / 2;
        if (flip) bytes[100] ^= 1;
        RandomAccess.Write(stored.SafeFileHandle, flip ? bytes : [.. bytes[half..], .. bytes[..half]], 0);

        Assert.That(() => file.Read(new byte[10], 5), Throws.TypeOf<AuthenticationTagMismatchException>());
    }

    [Test]
    public async Task A_spool_on_disk_leaves_no_name_behind_even_while_it_is_open()
    {
        await using var spool = new Spool(_folder, memoryLimit: 0);
        spool.Append(Body(1, 100));

        Assert.That(spool.IsOnDisk);
        if (!OperatingSystem.IsWindows()) Assert.That(Directory.GetFiles(_folder), Is.Empty);
    }

    [Test]
    public void Leftovers_of_dead_processes_go_and_files_in_use_stay()
    {
        File.WriteAllText(Path.Combine(_folder, "dead.spool"), "x");
        using var alive = new FileStream(Path.Combine(_folder, "alive.spool"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        File.WriteAllText(Path.Combine(_folder, "notes.txt"), "not ours");

        _ = new SpoolFolder(new GatheringOptions { SpoolFolder = _folder });

        Assert.That(Directory.GetFiles(_folder).Select(Path.GetFileName).Where(f => !f!.EndsWith(".lock", StringComparison.Ordinal)), Is.EquivalentTo(new[] { "alive.spool", "notes.txt" }));
    }

    [Test]
    public void Folders_of_dead_processes_go_and_those_of_living_ones_stay()
    {
        using var neighbour = new SpoolFolder(new GatheringOptions { SpoolFolder = _folder });
        var alive = Directory.GetDirectories(_folder).Single();
        foreach (var dead in new[] { "dead.spool", "unlocked.spool" })
        {
            Directory.CreateDirectory(Path.Combine(_folder, dead));
            File.WriteAllText(Path.Combine(_folder, dead, "half-written.spool"), "x");
        }

        File.WriteAllText(Path.Combine(_folder, "dead.spool.lock"), "");

        var own = new SpoolFolder(new GatheringOptions { SpoolFolder = _folder });

        Assert.That(Directory.GetDirectories(_folder), Has.Length.EqualTo(2).And.Member(alive));
        own.Dispose();
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.EquivalentTo(new[] { alive, alive + ".lock" }), "its own go when it ends");
    }

    [Test]
    public async Task Processes_that_start_together_do_not_take_each_other_for_dead()
    {
        var folders = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => new SpoolFolder(new GatheringOptions { SpoolFolder = _folder }))));

        Assert.That(Directory.GetDirectories(_folder), Has.Length.EqualTo(folders.Length));
        Assert.That(Directory.GetFiles(_folder, "*.lock"), Has.Length.EqualTo(folders.Length));
        foreach (var folder in folders) folder.Dispose();
    }

    [Test]
    public void A_folder_that_cannot_be_had_refuses_the_start_by_its_key()
    {
        var taken = Path.Combine(_folder, "a-file");
        File.WriteAllText(taken, "");

        var refusal = StartRefusal.Of(Assert.Catch(() => _ = new SpoolFolder(new GatheringOptions { SpoolFolder = Path.Combine(taken, "spool") }))!);

        Assert.That(refusal.ExitCode, Is.EqualTo(2));
        Assert.That(refusal.Text, Does.Contain("Gathering:SpoolFolder").And.Contain("set another folder").And.Not.Contain("   at "));
    }

    [Test]
    public void Two_accounts_do_not_meet_in_the_default_folder()
        => Assert.That(Path.GetFileName(new GatheringOptions().SpoolFolder), Does.StartWith("referral-service-spool-").And.EndsWith(Environment.UserName));

    [Test]
    public void The_folder_is_nobody_elses()
    {
        var folder = Path.Combine(_folder, "private");
        _ = new SpoolFolder(new GatheringOptions { SpoolFolder = folder });

        if (!OperatingSystem.IsWindows())
            Assert.That(File.GetUnixFileMode(folder), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [Test]
    public async Task A_disposed_spool_gives_nothing_away()
    {
        var spool = new Spool(_folder);
        spool.Append(Body(1, 10));
        await spool.DisposeAsync();
        byte[] buffer = [];

        Assert.That(() => spool.Read(0, 10, ref buffer), Throws.TypeOf<ObjectDisposedException>());
    }

    /// <summary>As the folder makes them, but with a name and readable from here.</summary>
    private FileStream NamedFile() => new(Path.Combine(_folder, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);

    private static byte[] Stored(FileStream file)
    {
        var bytes = new byte[RandomAccess.GetLength(file.SafeFileHandle)];
        RandomAccess.Read(file.SafeFileHandle, bytes, 0);
        return bytes;
    }

    private static byte[] Body(int seed, int length)
    {
        var body = new byte[length];
        new Random(seed).NextBytes(body);
        return body;
    }
}
