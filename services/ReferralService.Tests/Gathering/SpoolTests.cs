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

        Assert.That(Directory.GetFiles(_folder).Select(Path.GetFileName), Is.EquivalentTo(new[] { "alive.spool", "notes.txt" }));
    }

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

    private static byte[] Body(int seed, int length)
    {
        var body = new byte[length];
        new Random(seed).NextBytes(body);
        return body;
    }
}
