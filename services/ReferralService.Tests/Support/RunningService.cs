using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace ReferralService.Tests.Support;

/// <summary>The whole service, as Program builds it, in this process on a free loopback port with a SQLite file of its own.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder;
    private readonly WebApplication _app;

    private RunningService(DirectoryInfo folder, WebApplication app, Uri address)
    {
        (_folder, _app) = (folder, app);
        Http = new HttpClient { BaseAddress = address };
    }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    /// <param name="settings">Keys as in appsettings.json, with colons.</param>
    /// <param name="clock">Another clock than the machine's.</param>
    public static async Task<RunningService> StartAsync(IReadOnlyDictionary<string, string> settings, TimeProvider? clock = null)
    {
        var folder = Directory.CreateTempSubdirectory("referral-service-");
        var all = new Dictionary<string, string>(settings);
        all.TryAdd("urls", "http://127.0.0.1:0");
        all.TryAdd("Ledger:ConnectionString", $"Data Source={Path.Combine(folder.FullName, "referrals.db")}");
        all.TryAdd("Gathering:SpoolFolder", Path.Combine(folder.FullName, "spool"));
        all.TryAdd("Flow:LookEvery", "00:00:00.100");
        all.TryAdd("Logging:LogLevel:Default", "Error");
        var app = ReferralHost.Build([.. all.Select(s => $"--{s.Key}={s.Value}")], clock ?? TimeProvider.System);
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new RunningService(folder, app, new Uri(address));
    }

    /// <summary>Another program holds the lock on the ledger's file for writing, until it is disposed.</summary>
    public async Task<IAsyncDisposable> HoldLedgerAsync()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.FullName, "referrals.db")};Pooling=False");
        await connection.OpenAsync();
        await using var begin = connection.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        await begin.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>POST /api/referrals; the referral's id.</summary>
    public async Task<string> SubmitAsync(string serviceRequest, string? recipient = null, string ehr = "main")
    {
        using var answer = await Http.PostAsJsonAsync("/api/referrals", new { ehr, serviceRequest, recipient });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    public async Task<JsonElement> ShowAsync(string id) => await Http.GetFromJsonAsync<JsonElement>($"/api/referrals/{id}");

    public async Task<IReadOnlyList<JsonElement>> ListAsync()
        => [.. (await Http.GetFromJsonAsync<JsonElement>("/api/referrals?limit=200")).GetProperty("items").EnumerateArray()];

    /// <summary>Waits until the referral rests in <paramref name="state"/>; fails at once when it rests elsewhere.</summary>
    public async Task<JsonElement> UntilAsync(string id, string state)
    {
        using var ceiling = new CancellationTokenSource(Ceiling);
        JsonElement shown = default;
        while (!ceiling.IsCancellationRequested)
        {
            shown = await ShowAsync(id);
            var now = shown.GetProperty("state").GetString();
            if (now == state)
            {
                return shown;
            }

            if (now is "delivered" or "failed" or "cancelled" or "held")
            {
                break;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Assert.Fail($"The referral is not {state}: {shown}");
        return shown;
    }

    /// <summary>Waits until the list has <paramref name="count"/> referrals, and gives the newest.</summary>
    public async Task<string> UntilListedAsync(int count)
    {
        using var ceiling = new CancellationTokenSource(Ceiling);
        while (!ceiling.IsCancellationRequested)
        {
            var items = await ListAsync();
            if (items.Count >= count)
            {
                return items[0].GetProperty("id").GetString()!;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Assert.Fail($"There are not {count} referrals.");
        return "";
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
