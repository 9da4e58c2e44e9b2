using ReferralService.AcceptanceTests.Support;

namespace ReferralService.Benchmarks;

/// <summary>A broker and a database server of our own, each started when a figure first needs it and shared by all that come after.</summary>
internal sealed class Servers : IAsyncDisposable
{
    private RabbitMqBroker? _broker;
    private PostgreSqlServer? _postgreSql;

    /// <summary>The virtual host in which no service runs.</summary>
    public async Task<Uri> BrokerAsync() => (_broker ??= await RabbitMqBroker.StartNewAsync()).Address;

    /// <summary>A virtual host for one service and its replicas: two services in one would take each other's wake-ups.</summary>
    public async Task<Uri> VirtualHostAsync()
    {
        await BrokerAsync();
        return await _broker!.NewVirtualHostAsync();
    }

    /// <summary>Connection string of a new, empty database.</summary>
    public async Task<string> DatabaseAsync() => await (_postgreSql ??= await PostgreSqlServer.StartNewAsync()).CreateDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null) await _broker.DisposeAsync();
        if (_postgreSql is not null) await _postgreSql.DisposeAsync();
    }
}
