using System.Diagnostics;
using Npgsql;

namespace ReferralService.AcceptanceTests.Support;

/// <summary>A PostgreSQL server of our own: own port, own folder, syncing as it does by default.</summary>
internal sealed class PostgreSqlServer : IAsyncDisposable
{
    /// <summary>PostgreSQL refuses to run as root; Debian's package makes this account.</summary>
    private const string Account = "postgres";

    private static readonly TimeSpan StartCeiling = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopCeiling = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("referral-postgres-").FullName;
    private readonly string _programs = Programs();
    private readonly int _port = FreePort.Take();
    private Process? _server;
    private int _databases;

    private PostgreSqlServer() => AppDomain.CurrentDomain.ProcessExit += (_, _) => KillAll();

    /// <summary>Where all of its files are.</summary>
    public string Data => Path.Combine(_folder, "data");

    public static async Task<PostgreSqlServer> StartNewAsync()
    {
        var server = new PostgreSqlServer();
        if (Environment.IsPrivilegedProcess)
        {
            await RunToEndAsync("chown", Account, server._folder);
        }

        await RunToEndAsync([.. server.AsAccount("initdb"), "-D", server.Data, "-U", "referral", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]);
        try
        {
            await server.StartAsync();
            return server;
        }
        catch (Exception)
        {
            server.KillAll();
            throw;
        }
    }

    /// <summary>Starts the server, or starts it again on the data it had; returns when it answers.</summary>
    public async Task StartAsync()
    {
        _server = Start([.. AsAccount("postgres"), "-D", Data, "-h", "127.0.0.1", "-p", $"{_port}", "-k", "", "-c", "max_connections=200"]);
        var started = Stopwatch.GetTimestamp();
        while (!await AnswersAsync())
        {
            if (_server.HasExited || Stopwatch.GetElapsedTime(started) > StartCeiling)
            {
                throw new InvalidOperationException($"PostgreSQL did not start in {_folder}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    /// <summary>A new, empty database; its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"ledger{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync($"CREATE DATABASE {name}");
        return ConnectionTo(name);
    }

    /// <summary>kill -9 of the server and all its workers.</summary>
    public async Task KillAsync()
    {
        if (_server is null)
        {
            return;
        }

        // The workers notice their master's death, each by itself; a server started again waits for the last of them.
        Signals.SendToGroup(_server.Id, Signals.Kill);
        await WaitForEndAsync();
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionTo("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is not null)
        {
            // Immediate shutdown: no last checkpoint of a folder that goes away, but the workers end first, so nobody writes while it is deleted.
            Signals.Send(_server.Id, Signals.Quit);
            await WaitForEndAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static string Programs()
        => Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin"))
                .Where(folder => File.Exists(Path.Combine(folder, "initdb"))).Max(StringComparer.Ordinal)
                ?? throw new InvalidOperationException("PostgreSQL's programs are missing; deploy/test.sh installs them")
            : throw new InvalidOperationException("PostgreSQL is not installed; deploy/test.sh installs it");

    private static async Task RunToEndAsync(params IReadOnlyList<string> command)
    {
        using var process = Start(command);
        await process.WaitForExitAsync();
        Watchdog.GroupEnded(process.Id);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command[^1]} ended with {process.ExitCode}");
        }
    }

    /// <summary>In a process group of its own, so that it ends together.</summary>
    private static Process Start(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo("setsid", command)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = "/",
        };
        var process = new Process { StartInfo = start };
        Watchdog.Start(process, group: true);
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private IReadOnlyList<string> AsAccount(string program)
    {
        var path = Path.Combine(_programs, program);
        return Environment.IsPrivilegedProcess ? ["setpriv", $"--reuid={Account}", $"--regid={Account}", "--init-groups", path] : [path];
    }

    public string ConnectionTo(string database) => $"Host=127.0.0.1;Port={_port};Username=referral;Database={database}";

    private async Task WaitForEndAsync()
    {
        using var ceiling = new CancellationTokenSource(StopCeiling);
        await _server!.WaitForExitAsync(ceiling.Token);
        Watchdog.GroupEnded(_server.Id);
        _server.Dispose();
        _server = null;
    }

    private void KillAll()
    {
        if (_server is { HasExited: false })
        {
            Signals.SendToGroup(_server.Id, Signals.Kill);
            Watchdog.GroupEnded(_server.Id);
        }

        _server = null;
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionTo("postgres") + ";Pooling=false;Timeout=2");
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
