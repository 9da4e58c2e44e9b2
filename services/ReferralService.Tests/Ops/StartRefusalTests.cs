using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;

namespace ReferralService.Tests.Ops;

internal sealed class StartRefusalTests
{
    [Test]
    public void A_socket_that_is_not_the_servers_own_says_nothing_of_urls([Values] bool wrapped)
    {
        var failure = Thrown(() => throw (wrapped ? new IOException("secret", new SocketException((int)SocketError.HostNotFound)) : new SocketException((int)SocketError.AddressAlreadyInUse)));

        var refusal = StartRefusal.Of(failure);

        Assert.That((refusal.ExitCode, refusal.Text.Contains("(urls)", StringComparison.Ordinal), refusal.Text.Contains("secret", StringComparison.Ordinal)), Is.EqualTo((1, false, false)));
    }

    [Test]
    public void Bad_data_that_is_no_settings_file_is_not_called_one()
    {
        var refusal = StartRefusal.Of(Thrown(() => throw new InvalidDataException("secret")));

        Assert.That((refusal.ExitCode, refusal.Text.Contains("JSON", StringComparison.Ordinal), refusal.Text.Contains("secret", StringComparison.Ordinal)), Is.EqualTo((1, false, false)));
    }

    [Test]
    public void A_settings_file_that_is_no_JSON_is_named()
    {
        var folder = Directory.CreateTempSubdirectory("referral-settings-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "appsettings.json"), "{ not json");

            var refusal = StartRefusal.Of(Thrown(() => WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = folder.FullName })));

            Assert.That(refusal.ExitCode, Is.EqualTo(2));
            Assert.That(refusal.Text, Does.Contain("appsettings.json").And.EndsWith("It is not JSON."));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Exception Thrown(Action what) => Assert.Catch(what)!;
}
