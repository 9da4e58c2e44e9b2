using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Intake;

[TestFixture]
[Parallelizable]
internal sealed class CommandOutageTests
{
    [Test]
    public async Task With_the_ledger_locked_a_command_waits_in_its_queue_and_is_then_done()
    {
        await using var broker = await RabbitMqBroker.StartNewAsync();
        await using var host = new CommandHost(broker);
        await host.StartAsync();
        await using var client = await CommandClient.ConnectAsync(broker);
        string waiting;
        await using (await host.LockLedgerAsync())
        {
            waiting = await client.SendAsync(Submit("waits"), client.Answers);
            await Eventually(async () => await client.CountAsync(CommandClient.Commands) == 1, "the command is back in its queue");
        }

        Assert.That((await client.AnswerAsync(waiting)).GetProperty("accepted").GetBoolean(), Is.True);
    }

    [Test]
    public async Task A_broker_that_comes_late_and_goes_away_between_loses_no_command()
    {
        await using var broker = new RabbitMqBroker();
        await using var host = new CommandHost(broker);
        await host.StartAsync();
        await broker.StartAsync();
        await using (var before = await CommandClient.ConnectAsync(broker))
        {
            Assert.That((await before.AskAsync(Submit("before"))).GetProperty("accepted").GetBoolean(), Is.True);
        }

        await broker.StopAsync();
        await broker.StartAsync();

        await using var after = await CommandClient.ConnectAsync(broker);
        Assert.That((await after.AskAsync(Submit("after"))).GetProperty("accepted").GetBoolean(), Is.True);
    }

    [Test]
    public async Task Stopping_amid_many_commands_loses_none_and_doubles_none()
    {
        const int Many = 300;
        await using var broker = await RabbitMqBroker.StartNewAsync();
        await using var host = new CommandHost(broker);
        await host.StartAsync();
        await using var client = await CommandClient.ConnectAsync(broker);
        var sent = new List<string>();
        for (int i = 0; i < Many; i++) sent.Add(await client.SendAsync(Submit($"many-{i}"), client.Answers));
        await client.AnswerAsync(sent[0]);

        await host.StopAsync();
        await host.StartAsync();

        foreach (var correlation in sent) Assert.That((await client.AnswerAsync(correlation)).GetProperty("accepted").GetBoolean(), Is.True);
        var orders = new List<string>();
        for (long? before = null; ;)
        {
            var page = await host.Referrals.ListAsync(new() { Limit = 200, Before = before }, default);
            if (page.IsEmpty) break;
            orders.AddRange(page.Select(r => r.OrderId));
            before = page[^1].Number;
        }

        Assert.That(orders.Order(StringComparer.Ordinal), Is.EqualTo(Enumerable.Range(0, Many).Select(i => $"many-{i}").Order(StringComparer.Ordinal)));
    }

    private static async Task Eventually(Func<Task<bool>> holds, string what)
    {
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await holds())
        {
            if (ceiling.IsCancellationRequested) Assert.Fail($"not within a minute: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }
    }

    private static string Submit(string order) => $$"""{"command":"submit","id":"{{Guid.CreateVersion7()}}","ehr":"main","serviceRequest":"{{order}}"}""";
}
