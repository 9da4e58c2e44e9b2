using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using ReferralService.AcceptanceTests.Status;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Sandbox.Faults;

namespace ReferralService.AcceptanceTests.Flow;

/// <summary>Marker strings in every text of every resource of the record, and none of them anywhere but in the vault and at the recipient.</summary>
public sealed class CanaryTests
{
    private const string Canary = "ZZPHI";

    private static readonly string[] Vault = ["package_chunk"];

    [Test]
    public async Task Nothing_of_a_record_reaches_logs_broker_or_plain_columns()
    {
        var broker = (await SharedBroker.GetAsync()).Address;
        await using var listener = await StatusListener.StartAsync(broker);
        await using var scene = await Scene.StartAsync();
        // Refusals with a partner's own texts in them, too.
        var gossip = """{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","diagnostics":"ZZPHI of the partner","details":{"text":"ZZPHI"}}]}""";
        scene.Ehr.Faults.Add(new Fault { Method = "GET", Path = "^/Procedure", Status = 400, Body = gossip, Times = null });
        scene.Consultant.Faults.Add(new Fault { Method = "PUT", Path = "^/Bundle", Status = 422, Body = gossip, Skip = 1, Times = null });
        await using var service = await ServiceReplica.StartNewAsync(scene.Settings(
            ("Bus:Transport", "RabbitMq"), ("Bus:RabbitMq", broker.OriginalString), ("Logging:LogLevel:Default", "Trace"), ("Ehrs:main:NotificationSecret", "s3cret-of-this-test")));

        var delivered = await service.SubmitAsync(scene.WriteOrder(seed: 60, Marked), "east");
        await service.UntilStateAsync(delivered, "delivered");
        var refused = await service.SubmitAsync(scene.WriteOrder(seed: 61, Marked), "east");
        await service.UntilStateAsync(refused, "failed");
        using var wrong = await service.Http.PostAsync($"/fhir/notify/main?name={Canary}", new StringContent($$"""{"resourceType":"Patient","name":"{{Canary}}" """, Encoding.UTF8, "application/fhir+json"));
        var heard = await listener.WaitForAsync([delivered, refused], 8, TimeSpan.FromSeconds(60));
        var shown = new List<string>();
        foreach (var path in new[] { $"/api/referrals/{delivered}/manifest", $"/api/referrals/{delivered}", $"/api/referrals/{refused}", "/api/partners", "/fhir/AuditEvent", "/health/ready", "/health/live", "/health/detail", "/metrics" })
        {
            shown.Add($"{path} {await service.Http.GetStringAsync(path)}");
        }

        await service.StopAsync();

        var arrived = Encoding.UTF8.GetString(scene.Consultant.Bytes(scene.Consultant.Effects.All.Single().Key)!.Value.Span);
        Assert.Multiple(() =>
        {
            Assert.That(arrived, Does.Contain(Canary), "the record did carry the marker");
            Assert.That(Lines(service.Output), Is.Empty, "log");
            Assert.That(heard.Where(e => (e.Text + JsonSerializer.Serialize(e.Properties.Headers)).Contains(Canary, StringComparison.Ordinal)), Is.Empty, "broker");
            Assert.That(Columns(service.LedgerFile).Where(c => c.Value.Contains(Canary, StringComparison.Ordinal)).Select(c => c.Place), Is.Empty, "plain columns");
            Assert.That(Columns(service.LedgerFile).Select(c => c.Place), Does.Contain("disclosure.body").And.Contain("timeline.event"));
            Assert.That(shown.Where(text => text.Contains(Canary, StringComparison.Ordinal)), Is.Empty, "manifest, disclosures, answers");
            Assert.That(shown[4], Does.Contain("\"AuditEvent\""));
            Assert.That(Directory.Exists(service.SpoolFolder) ? Directory.GetFileSystemEntries(service.SpoolFolder) : [], Is.Empty, "spool");
        });
    }

    /// <summary>Every text of a resource that is not a code, an id, a reference or a URL gets the marker in front.</summary>
    internal static string Marked(string resource)
    {
        var root = JsonNode.Parse(resource)!;
        Mark(root);
        return root.ToJsonString();
    }

    private static void Mark(JsonNode node)
    {
        string[] marked = ["family", "text", "display", "line", "city", "conclusion", "title", "birthPlace", "valueString", "description"];
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, value) in members.ToList())
                {
                    if (value is JsonValue && value.GetValueKind() == JsonValueKind.String && (marked.Contains(name) || (name == "value" && members.ContainsKey("system"))))
                    {
                        members[name] = Canary + value.GetValue<string>();
                    }
                    else if (name == "given")
                    {
                        members[name] = new JsonArray(Canary);
                    }
                    else if (value is not null)
                    {
                        Mark(value);
                    }
                }

                break;
            case JsonArray items:
                foreach (var item in items.OfType<JsonNode>())
                {
                    Mark(item);
                }

                break;
        }
    }

    private static IEnumerable<string> Lines(string output) => output.Split('\n').Where(line => line.Contains(Canary, StringComparison.Ordinal)).Take(3);

    private static List<(string Place, string Value)> Columns(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        connection.Open();
        var tables = new List<string>();
        using (var list = new SqliteCommand("SELECT name FROM sqlite_master WHERE type = 'table'", connection).ExecuteReader())
        {
            while (list.Read())
            {
                tables.Add(list.GetString(0));
            }
        }

        var found = new List<(string, string)>();
        foreach (var table in tables.Except(Vault))
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"SELECT * FROM \"{table.Replace("\"", "", StringComparison.Ordinal)}\"";
            using var rows = command.ExecuteReader();
            while (rows.Read())
            {
                for (var i = 0; i < rows.FieldCount; i++)
                {
                    var value = rows.GetValue(i);
                    found.Add(($"{table}.{rows.GetName(i)}", value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : $"{value}"));
                }
            }
        }

        return found;
    }
}
