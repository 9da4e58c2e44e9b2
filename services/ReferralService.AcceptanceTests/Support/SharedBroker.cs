namespace ReferralService.AcceptanceTests.Support;

/// <summary>One broker for every test that leaves it as it found it: a cold start takes some ten seconds.</summary>
internal static class SharedBroker
{
    private static readonly Lazy<Task<RabbitMqBroker>> Broker = new(() => RabbitMqBroker.StartNewAsync());

    public static Task<RabbitMqBroker> GetAsync() => Broker.Value;

    public static async Task EndAsync()
    {
        if (Broker.IsValueCreated)
        {
            await (await Broker.Value).DisposeAsync();
        }
    }
}
