using System.Text.RegularExpressions;
using Npgsql;
using RabbitMQ.Client;
using ReferralService.AcceptanceTests.Faults.Broker;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Terminal;

namespace ReferralService.AcceptanceTests.Faults.Start;

/// <summary>The doctor at a real broker and a real database server: each misconfiguration is named in one line with what mends it, and nothing is left there.</summary>
[Parallelizable(ParallelScope.Children)]
internal sealed class DoctorStoreTests
{
    [Test]
    public async Task A_sound_broker_passes_and_has_nothing_more_than_before()
    {
        var broker = await (await SharedBroker.GetAsync()).NewVirtualHostAsync();
        await using var view = await BrokerView.ConnectAsync(broker);

        var (code, output) = await ExamineAsync(("Bus:Transport", "RabbitMq"), ("Bus:RabbitMq", broker.ToString()));

        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Match("pass  broker +rabbitmq +takes our login, RabbitMQ 3").And.Match("pass  broker .*confirmed a message and gave it back").And.Match("pass  broker .*referral.commands.*: made when the service starts"));
        Assert.That(async () => await view.DoAsync(channel => channel.QueueDeclarePassiveAsync("referral.commands")), Throws.InstanceOf<RabbitMQ.Client.Exceptions.OperationInterruptedException>(), "it was not made");
    }

    [Test]
    public async Task A_wrong_password_of_the_broker()
    {
        var broker = new UriBuilder(await (await SharedBroker.GetAsync()).NewVirtualHostAsync()) { Password = "s3cret-that-nobody-may-see" }.Uri;

        var (code, output) = await ExamineAsync(("Bus:Transport", "RabbitMq"), ("Bus:RabbitMq", broker.ToString()));

        AssertNamed(output, "^FAIL  broker +rabbitmq +cannot be used  → user or password of Bus:RabbitMq is refused: correct it");
        Assert.That(code, Is.EqualTo(ExitCodes.Failed));
    }

    [Test]
    public async Task A_queue_of_ours_with_other_arguments()
    {
        var broker = await (await SharedBroker.GetAsync()).NewVirtualHostAsync();
        await using var view = await BrokerView.ConnectAsync(broker);
        await view.DoAsync(async channel =>
        {
            await channel.QueueDeclareAsync("referral.wake-ups.package", durable: true, exclusive: false, autoDelete: false);
            await channel.QueueDeclareAsync("referral.commands.rejected", durable: true, exclusive: false, autoDelete: false);
            await channel.BasicPublishAsync("", "referral.commands.rejected", ReadOnlyMemory<byte>.Empty);
        });

        var (code, output) = await ExamineAsync(("Bus:Transport", "RabbitMq"), ("Bus:RabbitMq", broker.ToString()));

        AssertNamed(output, "^FAIL  broker +rabbitmq +cannot be used  → queue referral.wake-ups.package was made with other settings: .*rabbitmqctl delete_queue referral.wake-ups.package --if-empty");
        AssertNamed(output, "^warn  broker +rabbitmq +works, but not as deploy/rabbitmq/definitions.json makes it  → queue referral.commands.rejected was made with other settings");
        AssertNamed(output, "^warn  broker +rabbitmq +1 messages wait in referral.commands.rejected  → look at them");
        Assert.That(code, Is.EqualTo(ExitCodes.Failed));
    }

    [Test]
    public async Task A_broker_that_is_not_there()
    {
        var (_, output) = await ExamineAsync(("Bus:Transport", "RabbitMq"), ("Bus:RabbitMq", $"amqp://guest:guest@127.0.0.1:{FreePort.Take()}/"));

        AssertNamed(output, "^FAIL  broker +rabbitmq +cannot be used  → nothing answers at Bus:RabbitMq");
    }

    [Test]
    public async Task A_sound_database_server_passes_and_is_left_as_it_was()
    {
        var database = await (await SharedPostgreSql.GetAsync()).CreateDatabaseAsync();

        var (code, output) = await ExamineAsync(("Ledger:Provider", "PostgreSql"), ("Ledger:ConnectionString", database));

        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Match("pass  database +postgresql +.* is empty; the first start makes its tables").And.Match("pass  database .*a round trip takes").And.Match("pass  database .*its clock agrees with ours"));
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var tables = new NpgsqlCommand("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", connection);
        Assert.That(await tables.ExecuteScalarAsync(), Is.EqualTo(0L));
    }

    [Test]
    public async Task A_database_that_is_not_there_and_a_server_that_is_not()
    {
        var database = new NpgsqlConnectionStringBuilder(await (await SharedPostgreSql.GetAsync()).CreateDatabaseAsync());

        var (_, missing) = await ExamineAsync(("Ledger:Provider", "PostgreSql"), ("Ledger:ConnectionString", new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = "nowhere" }.ConnectionString));
        var (_, away) = await ExamineAsync(("Ledger:Provider", "PostgreSql"), ("Ledger:ConnectionString", new NpgsqlConnectionStringBuilder(database.ConnectionString) { Port = FreePort.Take() }.ConnectionString));

        AssertNamed(missing, "^FAIL  database +postgresql +there is no such database  → createdb");
        AssertNamed(away, "^FAIL  database +postgresql +no server answers  → see that it runs, and correct Host and Port of Ledger:ConnectionString");
    }

    private static void AssertNamed(string output, string line) => Assert.That(output.Split('\n').Where(said => Regex.IsMatch(said, line)), Has.Exactly(1).Items, output);

    private static async Task<(int Code, string Output)> ExamineAsync(params (string Key, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("referral-doctor-").FullName;
        var output = new StringWriter { NewLine = "\n" };
        string[] words = ["doctor", $"--Ledger:ConnectionString=Data Source={folder}/referrals.db", $"--Gathering:SpoolFolder={folder}/spool", .. settings.Select(setting => $"--{setting.Key}={setting.Value}")];
        var code = await TerminalMain.RunAsync(words, new Screen(output, output, IsTerminal: false, _ => null, () => $"http://127.0.0.1:{FreePort.Take()}", TimeProvider.System));
        Directory.Delete(folder, recursive: true);
        Assert.That(output.ToString(), Does.Not.Contain("s3cret-that-nobody-may-see"));
        return (code, output.ToString());
    }
}
