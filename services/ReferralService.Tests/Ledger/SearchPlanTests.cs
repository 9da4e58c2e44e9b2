using System.Text;
using Microsoft.Data.Sqlite;
using ReferralService.Ledger;
using ReferralService.Tests.Support;
using SQLitePCL;

namespace ReferralService.Tests.Ledger;

/// <summary>Each way to look for a referral has its index, and none reads every row; what a requisition is kept as tells nothing of it.</summary>
[TestFixture]
internal sealed class SearchPlanTests
{
    private static readonly Dictionary<string, (ReferralQuery Query, string Index)> Ways = new()
    {
        ["id"] = (new() { Search = new() { Id = new(Guid.Empty) } }, "sqlite_autoindex_referral_1"),
        ["order"] = (new() { Search = new() { OrderId = "1" } }, "referral_order"),
        ["trace"] = (new() { Search = new() { TraceId = "0" } }, "referral_trace"),
        ["requisition"] = (new() { Search = new() { Requisition = ["a", "b"] } }, "requisition_token"),
        ["two at once"] = (new() { Search = new() { OrderId = "1", Requisition = ["a"] } }, "requisition_token"),
        ["ehr"] = (new() { Ehr = "main" }, "referral_ehr"),
        ["ehr, further down"] = (new() { Ehr = "main", Before = 7 }, "referral_ehr"),
        ["ehr and order"] = (new() { Ehr = "main", Search = new() { OrderId = "1" } }, "referral_order"),
        ["ehr and standing"] = (new() { Ehr = "main", Standing = ReferralStanding.PutOff }, "referral_"),
        ["recipient"] = (new() { Recipient = "east" }, "referral_recipient"),
        ["code"] = (new() { ErrorCode = "tls" }, "referral_error"),
        ["state"] = (new() { State = ReferralState.Held }, "referral_state"),
        ["standing"] = (new() { Standing = ReferralStanding.PutOff }, "referral_state"),
    };

    [Test]
    public async Task A_search_goes_by_its_index([ValueSource(nameof(Names))] string way)
    {
        await using var ledger = await TemporaryLedger.OpenAsync();
        var (query, index) = Ways[way];

        var plan = Plan(ledger.File, ReferralStatements.List(query, new Dialect.Sqlite()));

        Assert.That(plan, Does.Contain(index).And.Not.Contain("SCAN referral\n"));
    }

    [Test]
    public async Task Filters_beside_a_search_are_asked_of_what_it_found()
    {
        await using var ledger = await TemporaryLedger.OpenAsync();

        var plan = Plan(ledger.File, ReferralStatements.List(
            new() { Search = new() { OrderId = "1" }, Ehr = "main", Recipient = "east", State = ReferralState.Held, ErrorCode = "tls" }, new Dialect.Sqlite()));

        Assert.That(plan, Does.Contain("SEARCH referral USING INTEGER PRIMARY KEY").And.Contain("referral_order"));
    }

    [Test]
    public async Task A_single_filter_reads_only_what_it_lists([Values("ehr", "ehr, further down", "recipient", "code", "state")] string way)
    {
        await using var ledger = await TemporaryLedger.OpenAsync();

        Assert.That(Plan(ledger.File, ReferralStatements.List(Ways[way].Query, new Dialect.Sqlite())), Does.Not.Contain("USE TEMP B-TREE"), "nothing is put in order that stands in order already");
    }

    [Test]
    public async Task The_oldest_that_waits_is_found_by_its_index()
    {
        await using var ledger = await TemporaryLedger.OpenAsync();

        var plan = Plan(ledger.File, ReferralStatements.OldestWaiting);

        Assert.That(plan, Does.Contain("referral_awaited").And.Contain("referral_awaited_unknown").And.Not.Contain("SCAN referral\n"));
    }

    [Test]
    public async Task Neither_a_requisition_nor_a_plain_digest_of_it_stands_in_the_file()
    {
        await using var ledger = await TemporaryLedger.OpenAsync();
        var begun = await ledger.BegunAsync(await ledger.ReceivedAsync("1"));
        await new RequisitionBook(ledger.Database, new VaultKeys([("k1", [.. Enumerable.Repeat((byte)1, 32)])])).KeepAsync(begun, "REQ-4711", CancellationToken.None);

        var digest = System.Security.Cryptography.SHA256.HashData("REQ-4711"u8);
        byte[][] telling = ["REQ-4711"u8.ToArray(), digest, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(digest)), "req-4711"u8.ToArray()];
        var files = Directory.GetFiles(Path.GetDirectoryName(ledger.File)!).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).Select(Read).ToList();

        Assert.That(telling.Count(text => files.Any(file => file.AsSpan().IndexOf(text) >= 0)), Is.Zero);
    }

    private static string[] Names => [.. Ways.Keys];

    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static string Plan(string file, string statement)
    {
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly");
        connection.Open();
        // As the ledger's own: planned without looking at the values.
        Assert.That(raw.sqlite3_db_config(connection.Handle!, raw.SQLITE_DBCONFIG_ENABLE_QPSG, 1, out _), Is.EqualTo(raw.SQLITE_OK));
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + statement;
        foreach (var name in System.Text.RegularExpressions.Regex.Matches(statement, "@[a-z_0-9]+").Select(match => match.Value).Distinct())
        {
            command.Parameters.AddWithValue(name, "1");
        }

        var lines = new StringBuilder();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            lines.Append(reader.GetString(3)).Append('\n');
        }

        return lines.ToString();
    }
}
