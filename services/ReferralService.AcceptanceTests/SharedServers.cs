using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests;

/// <summary>Ends the servers that tests share, after the last test.</summary>
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
