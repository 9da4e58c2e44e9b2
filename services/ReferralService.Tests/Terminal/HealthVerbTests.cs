using ReferralService.Tests.Ops;

namespace ReferralService.Tests.Terminal;

/// <summary>health, as a container's health check asks it: by its exit code.</summary>
internal sealed class HealthVerbTests
{
    [Test]
    public async Task A_service_that_is_ready_is_told_so_with_0()
    {
        await using var host = await OpsHost.StartAsync();

        Assert.That(await Typed.RunAsync(host.Http, "health"), Is.EqualTo(new Typed(0, "ok\n", "")));
    }

    [Test]
    public async Task One_that_is_not_names_what_is_wrong_and_ends_otherwise()
    {
        await using var host = await OpsHost.StartAsync();
        host.Lifetime.StopApplication();

        var typed = await Typed.RunAsync(host.Http, "health");

        Assert.That((typed.Code, typed.Output), Is.EqualTo((9, "")));
        Assert.That(typed.Errors, Does.StartWith("failed").And.Contain("process: draining"));
    }

    [Test]
    public async Task Where_nothing_listens_it_ends_with_5()
        => Assert.That((await Typed.RunAsync(["health"], url: "http://127.0.0.1:1")).Code, Is.EqualTo(5));
}
