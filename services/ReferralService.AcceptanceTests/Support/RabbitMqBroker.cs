using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ReferralService.AcceptanceTests.Support;

/// <summary>A RabbitMQ node of our own: own ports, own folder, own epmd (which would otherwise stay behind as a daemon).</summary>
internal sealed class RabbitMqBroker : IAsyncDisposable
{
    private static readonly TimeSpan StartCeiling = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StopCeiling = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("referral-rabbit-").FullName;
    private readonly int _port = FreePort.Take();
    private readonly Dictionary<string, string> _environment;
    private int _virtualHosts;
    private Process? _names;
    private Process? _node;

    /// <param name="advanced">Erlang terms of advanced.config, e.g. a consumer time-out; null: the defaults.</param>
    public RabbitMqBroker(string? advanced = null)
    {
        var plugins = Path.Combine(_folder, "plugins");
        File.WriteAllText(plugins, "[].\n");
        _environment = new()
        {
            ["RABBITMQ_NODENAME"] = $"referral{_port}@localhost",
            ["RABBITMQ_NODE_PORT"] = $"{_port}",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_DIST_PORT"] = $"{FreePort.Take()}",
            ["RABBITMQ_MNESIA_BASE"] = _folder,
            ["RABBITMQ_LOG_BASE"] = _folder,
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = plugins,
            ["RABBITMQ_SERVER_START_ARGS"] = "",
            ["HOME"] = _folder,
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_EPMD_PORT"] = $"{FreePort.Take()}",
        };
        if (advanced is not null)
        {
            var config = Path.Combine(_folder, "advanced.config");
            File.WriteAllText(config, advanced);
            _environment["RABBITMQ_ADVANCED_CONFIG_FILE"] = config;
        }

        AppDomain.CurrentDomain.ProcessExit += (_, _) => KillAll();
    }

    /// <summary>Where the node listens, or will listen once started.</summary>
    public Uri Address => new($"amqp://guest:guest@127.0.0.1:{_port}/");

    public static async Task<RabbitMqBroker> StartNewAsync(string? advanced = null)
    {
        var broker = new RabbitMqBroker(advanced);
        try
        {
            await broker.StartAsync();
            return broker;
        }
        catch (Exception)
        {
            broker.KillAll();
            throw;
        }
    }

    /// <summary>Starts the node, or starts it again with what it had on disk; returns when it answers AMQP.</summary>
    public async Task StartAsync()
    {
        _names ??= Run("epmd");
        _node = Run(Installed("/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server"));
        var started = Stopwatch.GetTimestamp();
        while (!await AnswersAsync())
        {
            if (Stopwatch.GetElapsedTime(started) > StartCeiling)
            {
                throw new InvalidOperationException($"the broker did not start; its logs are in {_folder}");
            }

            if (_node.HasExited)
            {
                // Killed a moment ago, its name may still be known to epmd, or its port be in use.
                await WaitForEndAsync();
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
                _node = Run(Installed("/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server"));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    public bool IsRunning => _node is { HasExited: false };

    /// <summary>The node closes its connections and ends; <see cref="StartAsync"/> brings it back.</summary>
    public async Task StopAsync()
    {
        if (_node is null)
        {
            return;
        }

        Signals.SendToGroup(_node.Id, Signals.Terminate);
        await WaitForEndAsync();
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (_node is null)
        {
            return;
        }

        Signals.SendToGroup(_node.Id, Signals.Kill);
        await WaitForEndAsync();
    }

    /// <summary>SIGSTOP: connections stay open, nothing is answered any more.</summary>
    public void Freeze() => Signals.SendToGroup(Running().Id, Signals.Stop);

    public void Thaw() => Signals.SendToGroup(Running().Id, Signals.Continue);

    /// <summary>Everything the node has written to its log.</summary>
    public string LogText => string.Concat(Directory.EnumerateFiles(_folder, "*.log").Select(File.ReadAllText));

    /// <summary>A virtual host of the test's own: queues and exchanges that no other test sees, without a cold start.</summary>
    /// <param name="user">Made with it, with all rights there, and password <c>pw-right</c>; null: guest.</param>
    public async Task<Uri> NewVirtualHostAsync(string? user = null)
    {
        var name = $"v{Interlocked.Increment(ref _virtualHosts)}";
        await ControlAsync("add_vhost", name);
        if (user is not null)
        {
            await ControlAsync("add_user", user, "pw-right");
        }

        foreach (var one in new[] { "guest", user }.OfType<string>())
        {
            await ControlAsync("set_permissions", "-p", name, one, ".*", ".*", ".*");
        }

        return user is null ? new Uri($"amqp://guest:guest@127.0.0.1:{_port}/{name}") : new Uri($"amqp://{user}:pw-right@127.0.0.1:{_port}/{name}");
    }

    /// <summary>Runs rabbitmqctl against this node.</summary>
    public async Task ControlAsync(params string[] arguments)
    {
        using var control = Run(Installed("/usr/lib/rabbitmq/bin/rabbitmqctl", "rabbitmqctl"), arguments);
        using var ceiling = new CancellationTokenSource(StartCeiling);
        await control.WaitForExitAsync(ceiling.Token);
        Watchdog.GroupEnded(control.Id);
        if (control.ExitCode != 0)
        {
            throw new InvalidOperationException($"rabbitmqctl {arguments[0]} ended with {control.ExitCode}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            Signals.SendToGroup(_node.Id, Signals.Continue);
            await KillAsync();
        }

        KillAll();
        Directory.Delete(_folder, recursive: true);
    }

    private Process Running() => _node ?? throw new InvalidOperationException("the broker is not running");

    private async Task WaitForEndAsync()
    {
        using var ceiling = new CancellationTokenSource(StopCeiling);
        await _node!.WaitForExitAsync(ceiling.Token);
        Watchdog.GroupEnded(_node.Id);
        _node.Dispose();
        _node = null;
    }

    private void KillAll()
    {
        foreach (var process in new[] { _node, _names })
        {
            if (process is { HasExited: false })
            {
                Signals.SendToGroup(process.Id, Signals.Kill);
                Watchdog.GroupEnded(process.Id);
            }
        }

        _node = _names = null;
    }

    /// <summary>In a process group of its own, so that the shell, Erlang and its helpers end together.</summary>
    private Process Run(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("setsid", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        Watchdog.Start(process, group: true);
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Debian's script in sbin changes the user; the one below /usr/lib does not.</summary>
    private static string Installed(params ReadOnlySpan<string> candidates)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        foreach (var candidate in candidates)
        {
            var found = Path.IsPathRooted(candidate) ? [candidate] : folders.Select(folder => Path.Combine(folder, candidate));
            if (found.FirstOrDefault(File.Exists) is { } path)
            {
                return path;
            }
        }

        throw new InvalidOperationException("rabbitmq-server is not installed; deploy/test.sh installs it");
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _port, ceiling.Token);
            await client.GetStream().WriteAsync("AMQP\0\0\x09\x01"u8.ToArray(), ceiling.Token);
            return await client.GetStream().ReadAsync(new byte[8], ceiling.Token) > 0;
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
