namespace ReferralService.AcceptanceTests.Support;

/// <summary>One server for every test that leaves it running; each takes a database of its own.</summary>
internal static class SharedPostgreSql
{
    private static readonly Lazy<Task<PostgreSqlServer>> Server = new(PostgreSqlServer.StartNewAsync);

    public static Task<PostgreSqlServer> GetAsync() => Server.Value;

    public static async Task EndAsync()
    {
        if (Server.IsValueCreated)
        {
            await (await Server.Value).DisposeAsync();
        }
    }
}
