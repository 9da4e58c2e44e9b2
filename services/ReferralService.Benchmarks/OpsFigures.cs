using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using ReferralService.Benchmarks.Report;
using ReferralService.Contracts;
using ReferralService.Ledger;
using ReferralService.Ops.Pages;
using ReferralService.Ops.Reading;

namespace ReferralService.Benchmarks;

/// <summary>How long people wait for the pages with a year's referrals in the ledger: the whole service, over real HTTP.</summary>
internal static class OpsFigures
{
    private const int Calls = 25;

    /// <summary>So many of a thousand are failed or held.</summary>
    private const int Problems = 50;

    /// <summary>What the recipient said of each it refused.</summary>
    private const string Issue = "required Patient.birthDate";

    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Uri Ehr = new("https://ehr.example.org/fhir");

    public static async Task FindAsync(Choices choices, Servers servers, Findings findings)
    {
        int referrals = choices.Quick ? 5_000 : 100_000;
        foreach (var postgreSql in (string?[])[null, await servers.DatabaseAsync()])
        {
            var folder = Directory.CreateTempSubdirectory("referral-ops-");
            try
            {
                findings.Add(await LookAsync(referrals, postgreSql, folder));
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }
    }

    /// <param name="postgreSql">Connection string of an empty database; null: SQLite in the folder.</param>
    private static async Task<Table> LookAsync(int referrals, string? postgreSql, DirectoryInfo folder)
    {
        var settings = new Dictionary<string, string>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Ledger:Provider"] = postgreSql is null ? "Sqlite" : "PostgreSql",
            ["Ledger:ConnectionString"] = postgreSql ?? $"Data Source={Path.Combine(folder.FullName, "referrals.db")}",
            ["Ehrs:main:BaseUrl"] = Ehr.ToString(),
            ["Ehrs:main:PollInterval"] = "00:00:00",
            ["Gathering:SpoolFolder"] = Path.Combine(folder.FullName, "spool"),
            ["Recipients:urology-east:BaseUrl"] = "https://east.example.org/fhir",
            ["Recipients:urology-west:BaseUrl"] = "https://west.example.org/fhir",
            ["Logging:LogLevel:Default"] = "Error",
            ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Error",
        };
        await using var app = ReferralHost.Build([.. settings.Select(s => $"--{s.Key}={s.Value}")], TimeProvider.System);
        await app.StartAsync(None);
        using var http = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()) };
        var filled = Stopwatch.GetTimestamp();
        await FillAsync(app.Services, referrals);
        var table = new Table(
            $"Pages over HTTP: {referrals.ToString("N0", CultureInfo.InvariantCulture)} referrals on {(postgreSql is null ? "SQLite" : "PostgreSQL")} (filled in {Stopwatch.GetElapsedTime(filled).TotalSeconds:0} s), {Calls} calls each", "page", "median ms", "p95 ms");
        var middle = referrals / 2;
        foreach (var (name, path) in ((string, string)[])
        [
            ("list, newest", "/referrals"),
            ("list, of one state and recipient", "/referrals?state=failed&recipient=urology-west"),
            ("list, a page in the middle", $"/referrals?cursor={ListCursor.Write(middle)}"),
            ("list by API", "/api/referrals"),
            ("search by referral id", $"/referrals?q={IdOf(middle)}"),
            ("search by ServiceRequest", $"/referrals?q=ServiceRequest/order-{middle}"),
            ("search by URL at the EHR", $"/referrals?q={Uri.EscapeDataString($"{Ehr}/ServiceRequest/order-{middle}")}"),
            ("search by requisition", $"/referrals?q=requisition:REQ-{middle}"),
            ("search by recipient", "/referrals?q=urology-west"),
            ("search by error code", $"/referrals?q={ReasonCodes.RecipientUnknown}"),
            ("search by trace id", $"/referrals?q=trace:{Trace(middle)}"),
            ("search that finds nothing", "/referrals?q=no-such-thing"),
            ("a referral", $"/referrals/{IdOf(middle)}"),
            ("problems", "/problems"),
            ("problems, one group", $"/problems?partner={Uri.EscapeDataString("recipient:urology-west")}&code={ReasonCodes.Refused}&issue={Uri.EscapeDataString(Issue)}"),
            ("board", "/"),
        ])
        {
            Print(name, await TimesAsync(async () => (await http.GetAsync(new Uri(path, UriKind.Relative))).EnsureSuccessStatusCode().Dispose()));
        }

        var many = $$"""{"action":"retry","ids":[{{string.Join(',', Enumerable.Range(1, referrals).Where(number => number % 1000 < Problems).Select(number => $"\"{IdOf(number):D}\""))}}]}""";
        var previewed = "";
        Print("preview of all problems, listed and frozen", await TimesAsync(async () => previewed = await PreviewAsync(http, many)));
        Print("the page of that preview", await TimesAsync(async () => (await http.GetAsync(new Uri(previewed, UriKind.Relative))).EnsureSuccessStatusCode().Dispose()));
        Print("problems, each time looked anew (no HTTP)", await TimesAsync(() => app.Services.GetRequiredService<ProblemBook>().GroupsAsync(200, None)));
        Print("board, each time looked anew (no HTTP)", await TimesAsync(async () =>
        {
            using var look = ActivatorUtilities.CreateInstance<BoardLook>(app.Services);
            await look.SeeAsync(None);
        }));
        Print("live: one look for all listeners (no HTTP)", await TimesAsync(() => app.Services.GetRequiredService<BoardBook>().MarkAsync(None)));
        await app.StopAsync(None);
        return table;

        void Print(string name, double[] times)
            => table.Add(name, times[times.Length / 2].ToString("0.0", CultureInfo.InvariantCulture), times[(int)(times.Length * 0.95)].ToString("0.0", CultureInfo.InvariantCulture));
    }

    /// <returns>Address of the preview's page.</returns>
    private static async Task<string> PreviewAsync(HttpClient http, string wish)
    {
        using var body = new StringContent(wish, Encoding.UTF8, "application/json");
        using var answer = (await http.PostAsync(new Uri("/api/bulk", UriKind.Relative), body)).EnsureSuccessStatusCode();
        return answer.Headers.Location!.OriginalString["/api".Length..];
    }

    private static async Task<double[]> TimesAsync(Func<Task> call)
    {
        var times = new List<double>();
        for (var i = -3; i < Calls; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await call();
            if (i >= 0)
            {
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        return [.. times.Order()];
    }

    private static async Task FillAsync(IServiceProvider services, int referrals)
    {
        var database = services.GetRequiredService<LedgerDatabase>();
        var requisitions = services.GetRequiredService<RequisitionBook>();
        var now = TimeProvider.System.GetUtcNow();
        const int Slice = 2_000;
        for (var from = 1; from <= referrals; from += Slice)
        {
            var rows = Enumerable.Range(from, Math.Min(Slice, referrals - from + 1)).Select(i => (Number: i, Row: Row(i, referrals, now))).ToList();
            await database.WriteAsync(
                async session =>
                {
                    await session.ExecuteEachAsync(ReferralStatements.Insert, [.. rows.Select(r => ReferralWriting.ForInsert(r.Row, Awaiting.Of(null, r.Row, [])))], None);
                    await session.ExecuteEachAsync(ReferralStatements.InsertLine, [.. rows.SelectMany(r => Lines(r.Number, r.Row))], None);
                    await session.ExecuteEachAsync("INSERT INTO requisition (referral, token, key_id, sealed) VALUES (@referral, @token, NULL, @sealed)",
                        [.. rows.Select(r => new Values().Add("referral", (long?)r.Number).Add("token", requisitions.Tokens($"REQ-{r.Number}")[0]).Add("sealed", new ArraySegment<byte>(new byte[32])))], None);
                    return true;
                },
                None);
        }

        if (database.Sql is Dialect.PostgreSql)
        {
            // As the server does by itself within a minute or two.
            await database.WriteAsync(session => session.ExecuteAsync("ANALYZE", new Values(), None), None);
        }
    }

    /// <summary>Of a thousand 935 are delivered, 35 failed and 15 held (a bad day of a recipient), 5 cancelled; 10 are open, put off for an hour so that nothing runs meanwhile. One every 45 seconds: 1,920 a day.</summary>
    private static Referral Row(int number, int of, DateTimeOffset now)
    {
        var came = now - TimeSpan.FromSeconds(45.0 * (of - number));
        var (state, code) = (number % 1000) switch
        {
            < 35 => (ReferralState.Failed, ReasonCodes.Refused),
            < Problems => (ReferralState.Held, ReasonCodes.RecipientUnknown),
            < 55 => (ReferralState.Cancelled, ReasonCodes.CancelledByOperator),
            < 65 => (ReferralState.Packaged, ReasonCodes.RecipientUnreachable),
            _ => (ReferralState.Delivered, (string?)null),
        };
        return new Referral
        {
            Id = new ReferralId(IdOf(number)), Ehr = "main", OrderId = $"order-{number}", Recipient = number % 3 == 0 ? "urology-west" : "urology-east", State = state, ErrorCode = code,
            Attempt = 1, Sequence = 4, DueAt = state.IsResting() ? null : now.AddHours(1), PackageVersion = 1, PackageBytes = 95_000, PackageEntries = 80, PackageChunks = 1,
            PackageId = IdOf(number), PackageForm = PackageForm.Document, PackageDigest = "sha-256:" + Trace(number) + Trace(number), TraceParent = $"00-{Trace(number)}-00f067aa0ba902b7-01",
            CreatedAt = came, UpdatedAt = came.AddSeconds(20),
        };
    }

    private static IEnumerable<Values> Lines(int number, Referral row) => ((string[])["received", "gathered", "packaged", row.State.Name()]).Select((name, i) => ReferralWriting.ForLine(
        number, i + 1, 0, new TimelineEntry(i + 1, IdOf((number * 4) + i), name, row.CreatedAt.AddSeconds(i), row.State, row.Recipient, row.Attempt, row.PackageId, row.PackageDigest, row.PackageEntries, row.ErrorCode, null,
            row.State == ReferralState.Failed && i == 3 ? new Dictionary<string, string> { ["status"] = "422", ["issue"] = Issue } : null)));

    private static Guid IdOf(int number) => ReferralId.Create(Ehr, $"order-{number}", null).Value;

    private static string Trace(int number) => $"{number:x32}";
}
