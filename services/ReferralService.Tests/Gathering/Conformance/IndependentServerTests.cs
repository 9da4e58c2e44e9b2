using System.Net;
using System.Net.Sockets;

namespace ReferralService.Tests.Gathering.Conformance;

[Category("Agreement")]
internal sealed class IndependentServerTests
{
    [Test]
    public async Task A_port_that_somebody_took_meanwhile_is_not_the_end()
    {
        var folder = IndependentServer.FolderOrIgnore();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port, asked = 0;

        await using var server = await IndependentServer.StartAsync(folder, () => asked++ == 0 ? port : IndependentServer.FreePort());
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri($"{server.Base}/metadata"));

        Assert.That((asked, answer.StatusCode), Is.EqualTo((2, HttpStatusCode.OK)));
    }
}
