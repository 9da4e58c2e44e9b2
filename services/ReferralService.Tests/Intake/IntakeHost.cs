using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Intake;
using ReferralService.Ledger;
using ReferralService.Ledger.Sqlite;

namespace ReferralService.Tests.Intake;

/// <summary>The intake room behind a real Kestrel, over a real SQLite ledger in a folder of its own. Nothing works on what it takes in.</summary>
internal sealed class IntakeHost : IAsyncDisposable, ILoggerProvider
{
    public const string Secret = "a-secret-of-this-test";

    private readonly string _folder = Directory.CreateTempSubdirectory("intake-").FullName;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly WebApplication _app;

    private IntakeHost((string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        builder.Logging.AddProvider(this).SetMinimumLevel(LogLevel.Trace);
        builder.Configuration.AddInMemoryCollection(Defaults().Concat(settings).Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        var read = new SettingsReader(builder.Configuration);
        builder.Services.AddSingleton(TimeProvider.System).AddLedger(read, new BusOptions()).AddIntake(read, new BusOptions());
        builder.Services.AddSingleton<LedgerDatabase>(
            _ => new SqliteLedger($"Data Source={LedgerFile}", TimeProvider.System, NullLogger<SqliteLedger>.Instance, busyTimeout: TimeSpan.FromMilliseconds(50)));
        Assert.That(read.Faults, Is.Empty);
        _app = builder.Build();
        _app.UseIntake();
        _app.MapIntake();
    }

    public string LedgerFile => Path.Combine(_folder, "referrals.db");

    public HttpClient Client { get; private set; } = null!;

    /// <summary>What the service itself logged. The web server's debug lines hold paths; the host's logging defaults keep them off.</summary>
    public IEnumerable<string> OwnLogLines => _log;

    public NoticeBook Notices => _app.Services.GetRequiredService<NoticeBook>();

    public IHostApplicationLifetime Lifetime => _app.Lifetime;

    public LedgerDatabase Database => _app.Services.GetRequiredService<LedgerDatabase>();

    public ReferralBook Referrals => _app.Services.GetRequiredService<ReferralBook>();

    public OperatorActions Actions => _app.Services.GetRequiredService<OperatorActions>();

    public static async Task<IntakeHost> StartAsync(params (string Key, string Value)[] settings)
    {
        var host = new IntakeHost(settings);
        await host._app.StartAsync();
        host.Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(host._app.Urls.Single()) };
        return host;
    }

    /// <summary>Sends as the EHR: with its secret, unless another Authorization is given; without Content-Type where it is null.</summary>
    public Task<HttpResponseMessage> HookAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte>? body, string? contentType = "application/fhir+json", string? authorization = "Bearer " + Secret, params (string Name, string Value)[] headers)
        => SendAsync(method, path, body, contentType, authorization is null ? headers : [("Authorization", authorization), .. headers]);

    public Task<HttpResponseMessage> ApiAsync(HttpMethod method, string path, string? body, string? contentType = "application/json", params (string Name, string Value)[] headers)
        => SendAsync(method, path, body is null ? null : Hooks.Utf8(body), contentType, headers);

    /// <summary>The orders whose notices wait, and whether a sweep of the EHR does. Takes them.</summary>
    public async Task<(string[] Orders, bool SweepDue)> TakeHintsAsync()
    {
        await Notices.OpenCursorAsync("main", DateTimeOffset.UnixEpoch, onOurClock: false, default);
        var notices = await Notices.ClaimAsync(100, TimeSpan.FromMinutes(5), [], default);
        var sweep = await Notices.ClaimSweepAsync("main", TimeSpan.Zero, TimeSpan.FromMinutes(5), default);
        return ([.. notices.Select(n => n.Version is null ? n.OrderId : $"{n.OrderId}@{n.Version}").Order()], sweep is not null);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public ILogger CreateLogger(string categoryName) => categoryName.StartsWith("ReferralService", StringComparison.Ordinal) ? new Recorder(_log) : NullLogger.Instance;

    public void Dispose()
    {
        // The log outlives the host: tests look into it afterwards.
    }

    private IEnumerable<(string Key, string Value)> Defaults() =>
    [
        ("urls", "http://127.0.0.1:0"), ("Ledger:ConnectionString", $"Data Source={LedgerFile}"),
        ("Ehrs:main:BaseUrl", Hooks.Base), ("Ehrs:main:NotificationSecret", Secret), ("Ehrs:silent:BaseUrl", "https://silent.example.org/fhir"),
        ("Recipients:uro:BaseUrl", "https://uro.example.org/fhir"),
    ];

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte>? body, string? contentType, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is { } bytes)
        {
            request.Content = new ReadOnlyMemoryContent(bytes);
            if (contentType is not null) request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        foreach (var (name, value) in headers)
        {
            if (name == "Transfer-Encoding") request.Headers.TransferEncodingChunked = true;
            else if (name == "Content-Encoding") request.Content!.Headers.ContentEncoding.Add(value);
            else request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(request);
    }

    private sealed class Recorder(ConcurrentQueue<string> log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => log.Enqueue($"{eventId.Id} {formatter(state, exception)} {exception}");
    }
}
