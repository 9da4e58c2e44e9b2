using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Sandbox.Faults;

namespace ReferralService.AcceptanceTests.Flow;

/// <summary>Marker strings all over a record, and none of them in any file that the service or its database has written: database, write-ahead log, spool, what a kill leaves.</summary>
[Parallelizable]
public sealed class CanaryAtRestTests
{
    private const string Canary = "ZZPHI";

    private string _keys = "";

    [SetUp]
    public void MakeKeys()
    {
        _keys = Path.Combine(Directory.CreateTempSubdirectory("canary-keys-").FullName, "vault.keys");
        File.WriteAllText(_keys, $"k1 {Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_keys, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [TearDown]
    public void DropKeys() => Directory.Delete(Path.GetDirectoryName(_keys)!, recursive: true);

    [Test]
    public async Task Killed_in_the_middle_of_gathering_and_delivered_after_the_restart_nothing_of_the_record_is_in_any_file()
    {
        await using var scene = await Scene.StartAsync();
        await using var service = new ServiceReplica(scene.Settings(("Vault:KeyFile", _keys)));
        var stuck = new Fault { Method = "GET", Path = "^/Procedure", Delay = TimeSpan.FromMinutes(5) };
        scene.Ehr.Faults.Add(stuck);
        await service.StartAsync();

        var order = LargeOrder(scene);
        var id = await service.SubmitAsync(order, "east");
        // The file has no name any more; the process that has it open shows it to who may look.
        await service.UntilAsync("spooling to disk", () => Task.FromResult(OpenSpoolFiles(service).Any(f => f.Length > 1_000_000)));
        var spooled = OpenSpoolFiles(service);
        await service.KillAsync();
        var left = Found(service.Folder);

        await service.StartAsync();
        await service.UntilStateAsync(id, "delivered");
        // Before it is folded back, the write-ahead log has everything that was written.
        var living = Found(service.Folder);
        await service.StopAsync();

        Assert.Multiple(() =>
        {
            Assert.That(spooled.Where(Has), Is.Empty, "the spool while it is open");
            Assert.That(left, Is.Empty, "what the kill left");
            Assert.That(living, Is.Empty, "while it runs");
            Assert.That(Found(service.Folder), Is.Empty, "after its end");
            Assert.That(Has(scene.Consultant.Bytes(scene.Consultant.Effects.All.Single().Key)!.Value.ToArray()), "the record did carry the marker");
            Assert.That(Directory.GetFileSystemEntries(service.SpoolFolder), Is.Empty, "and the spool folder is empty");
            Assert.That(service.Output, Does.Contain("encrypted with key k1"));
        });
    }

    [Test]
    public async Task Without_a_key_it_is_in_the_database_file_where_these_tests_would_find_it()
    {
        await using var scene = await Scene.StartAsync();
        await using var service = await ServiceReplica.StartNewAsync(scene.Settings(("Vault:Compress", "false")));

        await service.UntilStateAsync(await service.SubmitAsync(scene.WriteOrder(seed: 60, Marked), "east"), "delivered");
        await service.StopAsync();

        Assert.That(Found(service.Folder), Does.Contain("referrals.db"));
        Assert.That(service.Output, Does.Contain("stored in clear"));
    }

    [TestCase(true, TestName = "With a key nothing of the record is in PostgreSQL's files")]
    [TestCase(false, TestName = "Without a key it is in PostgreSQL's files, where these tests find it")]
    public async Task The_files_of_PostgreSQL(bool encrypted)
    {
        await using var server = await PostgreSqlServer.StartNewAsync();
        await using var scene = await Scene.StartAsync();
        var settings = scene.Settings(("Ledger:Provider", "PostgreSql"), ("Ledger:ConnectionString", await server.CreateDatabaseAsync()));
        if (encrypted)
        {
            settings["Vault:KeyFile"] = _keys;
        }

        await using var service = await ServiceReplica.StartNewAsync(settings);
        await service.UntilStateAsync(await service.SubmitAsync(scene.WriteOrder(seed: 60, Marked), "east"), "delivered");
        await service.StopAsync();
        await server.ExecuteAsync("CHECKPOINT");

        Assert.That(Found(server.Data), encrypted ? Is.Empty : Is.Not.Empty);
    }

    /// <summary>A record larger than the spool keeps in memory.</summary>
    private static string LargeOrder(Scene scene)
    {
        var order = scene.WriteOrder(seed: 60, Marked);
        var patient = JsonNode.Parse(scene.Ehr.Bytes(order)!.Value.Span)!["subject"]!["reference"]!.GetValue<string>();
        var text = string.Concat(Enumerable.Repeat($"{Canary} lives here. ", 6000));
        for (var i = 0; i < 150; i++)
        {
            scene.Ehr.Load($$"""
                {"resourceType":"Observation","id":"large-{{i}}","status":"final","code":{"text":"{{Canary}}"},"subject":{"reference":"{{patient}}"},
                 "category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],
                 "effectiveDateTime":"2026-11-20T10:00:00Z","valueString":"{{text}}"}
                """);
        }

        return order;
    }

    private static string Marked(string resource) => CanaryTests.Marked(resource);

    private static bool Has(byte[] bytes) => bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Canary)) >= 0;

    /// <summary>Names of the files below a folder that have the marker in them.</summary>
    private static List<string> Found(string folder)
        => [.. Encoding.UTF8.GetString(OutputOf("grep", "-rlF", Canary, folder)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(file => Path.GetFileName(file)).Order()];

    /// <summary>By other programs, because .NET itself would not open what another process holds alone.</summary>
    private static byte[] OutputOf(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        return output.ToArray();
    }

    private static List<byte[]> OpenSpoolFiles(ServiceReplica service)
        => [.. new DirectoryInfo($"/proc/{service.ProcessId}/fd").GetFiles()
            .Where(f => f.LinkTarget is { } target && target.StartsWith(service.SpoolFolder, StringComparison.Ordinal) && target.Contains("deleted", StringComparison.Ordinal))
            .Select(f => OutputOf("cat", f.FullName))];
}
