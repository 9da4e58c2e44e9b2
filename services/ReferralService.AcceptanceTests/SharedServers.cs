using ReferralService.AcceptanceTests.Support;

/// <summary>Ends the servers that tests share, after the last test of the assembly: outside every namespace, because tests of the books are compiled into it under theirs.</summary>
[SetUpFixture]
internal sealed class SharedServers
{
    [OneTimeTearDown]
    public async Task EndAsync()
    {
        await SharedBroker.EndAsync();
        await SharedPostgreSql.EndAsync();
    }
}
