using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ReferralService.Intake.Access;
using ReferralService.Intake.Access.Sessions;
using ReferralService.Ledger;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Intake.Access;

/// <summary>Two processes on one ledger, each with its own framework and cookies of the other.</summary>
public sealed class ReplicaSessionTests
{
    private static readonly ApiKey Ops = new("ops", "operator-of-this-test", ApiRole.Operator);

    private TemporaryLedger _ledger = null!;

    [SetUp]
    public async Task Start() => _ledger = await TemporaryLedger.OpenAsync();

    [TearDown]
    public async Task End() => await _ledger.DisposeAsync();

    [Test]
    public async Task A_session_of_one_is_good_at_the_other_until_it_is_ended_at_either()
    {
        await using var one = await ReplicaAsync(_ledger, Ops);
        await using var other = await ReplicaAsync(_ledger, Ops);
        var cookies = await SignInAsync(one);

        Assert.That(await WhoAsync(other, cookies), Is.EqualTo("ops"));
        await AskAsync(other, "/out", cookies);
        Assert.That(await WhoAsync(one, cookies), Is.Empty);
    }

    [TestCase("operator-of-this-test", "operator", "ops")]
    [TestCase("another-secret-of-this-test", "operator", "")]
    [TestCase("operator-of-this-test", "viewer", "")]
    [TestCase(null, "operator", "")]
    public async Task A_session_ends_when_its_key_is_changed_or_removed(string? secret, string role, string who)
    {
        await using var before = await ReplicaAsync(_ledger, Ops);
        var cookies = await SignInAsync(before);

        await using var after = await ReplicaAsync(_ledger, secret is null ? new ApiKey("other", "of-somebody-else", ApiRole.Viewer) : new ApiKey("ops", secret, Enum.Parse<ApiRole>(role, ignoreCase: true)));

        Assert.That(await WhoAsync(after, cookies), Is.EqualTo(who));
    }

    [Test]
    public async Task The_keys_stand_in_the_ledger_and_nowhere_else_and_nothing_is_warned_of()
    {
        var lines = new LogLines();
        await using var replica = await ReplicaAsync(_ledger, Ops, lines);
        await SignInAsync(replica);

        Assert.Multiple(async () =>
        {
            Assert.That(await new SessionKeys(_ledger.Database).AllAsync(CancellationToken.None), Has.Count.EqualTo(1));
            Assert.That(lines.Lines, Is.Empty);
        });
    }

    [Test]
    public async Task What_another_product_protects_with_these_keys_is_none_of_ours()
    {
        await using var replica = await ReplicaAsync(_ledger, Ops);
        var ours = replica.Services.GetDataProtectionProvider().CreateProtector("a").Protect("b");
        var services = new ServiceCollection().AddSingleton(_ledger.Database).AddLogging().AddForms();
        services.AddDataProtection().SetApplicationName("SomethingElse");
        await using var other = services.BuildServiceProvider();

        Assert.That(() => other.GetDataProtectionProvider().CreateProtector("a").Unprotect(ours), Throws.TypeOf<System.Security.Cryptography.CryptographicException>());
    }

    private static async Task<WebApplication> ReplicaAsync(TemporaryLedger ledger, ApiKey key, LogLines? lines = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning);
        if (lines is not null) builder.Logging.AddProvider(new Into(lines));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton(ledger.Clock).AddSingleton(ledger.Database).AddSingleton<EndedSessions>().AddSingleton(new ApiKeys([key])).AddSessions(new SessionCookies(Https: false));
        var app = builder.Build();
        app.MapGet("/in", context => context.RequestServices.GetRequiredService<SessionBook>().OpenAsync(context, key));
        app.MapGet("/who", async context => await context.Response.WriteAsync((await SessionBook.OfAsync(context))?.Caller.Name ?? ""));
        app.MapGet("/out", async context =>
        {
            await SessionBook.OfAsync(context);
            await context.RequestServices.GetRequiredService<SessionBook>().EndAsync(context, context.RequestAborted);
        });
        await app.StartAsync();
        return app;
    }

    private static async Task<string> SignInAsync(WebApplication replica)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(new Uri(replica.Urls.Single()), "/in"));
        return response.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    private static Task<string> WhoAsync(WebApplication replica, string cookie) => AskAsync(replica, "/who", cookie);

    private static async Task<string> AskAsync(WebApplication replica, string path, string cookie)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(replica.Urls.Single()), path));
        request.Headers.Add("Cookie", cookie);
        using var response = await http.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    private sealed class Into(LogLines lines) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new AtLeastWarnings(lines);

        public void Dispose()
        {
            // The lines outlive the host.
        }
    }

    private sealed class AtLeastWarnings(LogLines lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) lines.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
