using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.Versioning;
using System.Text.Json;
using Npgsql;
using ReferralService.AcceptanceTests.Flow;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Tests.Contracts;

namespace ReferralService.AcceptanceTests.Deploy;

/// <summary>What deploy/Dockerfile, compose.yaml and the Kubernetes files take for granted, tried on the published program: docs/sizing.md has the time it takes to be ready.</summary>
[NonParallelizable]
[UnsupportedOSPlatform("windows")]
internal sealed class ConfinedRunTests
{
    private const string Key = "a-key-of-role-operator";

    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(90);
    private static readonly string Root = Path.GetFullPath(Path.Combine(ContractFiles.Folder, ".."));

    private DirectoryInfo _published = null!;

    [OneTimeSetUp]
    public async Task Publish()
    {
        Assume.That(Environment.IsPrivilegedProcess, "A file system of one's own and another account need root.");
        _published = Directory.CreateTempSubdirectory("referral-published-");
        File.SetUnixFileMode(_published.FullName, (UnixFileMode)0b111_101_101);
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name;
        await RunAsync("dotnet", ["publish", Path.Combine(Root, "services", "ReferralService"), "-c", configuration, "--no-build", "-o", _published.FullName, "-p:UseAppHost=false", "-v", "quiet", "--nologo"]);
    }

    [OneTimeTearDown]
    public void Delete() => _published?.Delete(recursive: true);

    [Test]
    public async Task With_a_read_only_file_system_and_no_rights_it_delivers_with_a_ledger_of_its_own()
    {
        await using var confined = new Confinement(_published.FullName);

        await DeliverAsync(confined, $"Data Source={confined.Data}/referrals.db", "Sqlite");

        Assert.That(File.Exists(Path.Combine(confined.Data, "referrals.db")));
    }

    [Test]
    public async Task At_PostgreSQL_it_needs_no_more_than_the_role_that_the_script_makes()
    {
        var server = await SharedPostgreSql.GetAsync();
        var admin = new NpgsqlConnectionStringBuilder(server.ConnectionTo("postgres"));
        await using var confined = new Confinement(_published.FullName);
        var password = Path.Combine(confined.Folder, "ledger_password");
        await File.WriteAllTextAsync(password, "a-password-with-'quotes'\n");

        await RunAsync("sh", [Path.Combine(Root, "deploy", "postgresql", "init.sh")], new()
        {
            ["PGHOST"] = admin.Host!, ["PGPORT"] = $"{admin.Port}", ["POSTGRES_USER"] = admin.Username!, ["LEDGER_PASSWORD_FILE"] = password,
        });
        var own = new NpgsqlConnectionStringBuilder { Host = admin.Host, Port = admin.Port, Database = "referrals", Username = "referral_service", Password = "a-password-with-'quotes'", GssEncryptionMode = GssEncryptionMode.Disable };
        await DeliverAsync(confined, own.ConnectionString, "PostgreSql");

        Assert.That(Directory.EnumerateFileSystemEntries(confined.Data), Is.Empty);
    }

    /// <summary>Starts it on secrets in files, delivers one referral, asks it as a container's health check does, and ends it.</summary>
    private static async Task DeliverAsync(Confinement confined, string ledger, string provider)
    {
        await using var scene = await Scene.StartAsync();
        var port = FreePort.Take();
        // As the image, and as compose.yaml.
        var environment = scene.Settings().ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);
        environment["ASPNETCORE_URLS"] = $"http://0.0.0.0:{port}";
        environment["DOTNET_EnableDiagnostics"] = "0";
        environment["SecretsFolder"] = confined.Secrets;
        environment["Gathering__SpoolFolder"] = confined.Spool;
        environment["Ledger__Provider"] = provider;
        environment["Vault__KeyFile"] = Path.Combine(confined.Secrets, "vault.keys");
        environment["Api__Keys__ops__Role"] = "operator";
        await confined.WriteSecretAsync("Ledger__ConnectionString", ledger + "\n");
        await confined.WriteSecretAsync("Api__Keys__ops__Secret", Key + "\n");
        await confined.WriteSecretAsync("vault.keys", $"k1 {Convert.ToBase64String(new byte[32])}\n");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);

        var began = Stopwatch.GetTimestamp();
        await confined.StartAsync(environment);
        await UntilAsync(confined, async () => (await http.GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode);
        await TestContext.Out.WriteLineAsync($"{provider}: ready after {Stopwatch.GetElapsedTime(began).TotalSeconds:F2} s");
        using var submitted = await http.PostAsJsonAsync("/api/referrals", new { ehr = "main", serviceRequest = scene.WriteOrder(810), recipient = "east" });
        Assert.That((int)submitted.StatusCode, Is.EqualTo(202), $"{await submitted.Content.ReadAsStringAsync()}\n{confined.Said}");
        var id = (await submitted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
        await UntilAsync(confined, async () => (await http.GetFromJsonAsync<JsonElement>($"/api/referrals/{id}")).GetProperty("state").GetString() == "delivered");
        var healthy = await confined.RunAsync(environment, "health");
        var ended = await confined.StopAsync();
        var unhealthy = await confined.RunAsync(environment, "health");

        Assert.Multiple(() =>
        {
            Assert.That(scene.Consultant.Effects.All, Has.Count.EqualTo(1));
            Assert.That((healthy, ended), Is.EqualTo((0, 0)), confined.Said);
            Assert.That(unhealthy, Is.Not.Zero, "nobody is there any more");
            Assert.That(confined.Said, Does.Not.Contain("libgssapi").And.Not.Contain("Read-only file system").And.Not.Contain("[40]"), "it missed nothing");
        });
    }

    private static async Task UntilAsync(Confinement confined, Func<Task<bool>> holds)
    {
        using var ceiling = new CancellationTokenSource(Ceiling);
        while (!ceiling.IsCancellationRequested && !confined.HasEnded)
        {
            try
            {
                if (await holds()) return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        Assert.Fail(confined.Said);
    }

    private static async Task RunAsync(string program, IEnumerable<string> words, Dictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? []) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, string.Concat(said));
    }
}
