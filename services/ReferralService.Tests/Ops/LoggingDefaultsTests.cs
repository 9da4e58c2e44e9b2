using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ReferralService.Ops;

namespace ReferralService.Tests.Ops;

[TestFixture]
internal sealed class LoggingDefaultsTests
{
    [TestCase("Microsoft.AspNetCore.Hosting.Diagnostics")]
    [TestCase("Microsoft.AspNetCore.Routing.EndpointMiddleware")]
    [TestCase("System.Net.Http.HttpClient.recipient.LogicalHandler")]
    [TestCase("MassTransit.ReceiveTransport")]
    public async Task A_category_that_prints_addresses_or_foreign_texts_is_quiet_without_any_settings_file(string category)
    {
        await using var app = Build();

        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(category);

        Assert.That((logger.IsEnabled(LogLevel.Information), logger.IsEnabled(LogLevel.Warning)), Is.EqualTo((false, true)));
    }

    [Test]
    public async Task Our_own_lines_are_written()
    {
        await using var app = Build();

        Assert.That(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ReferralService.Flow.Dispatcher").IsEnabled(LogLevel.Information));
    }

    [Test]
    public async Task An_operator_can_say_otherwise()
    {
        await using var app = Build("--Logging:LogLevel:MassTransit=Debug");

        Assert.That(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("MassTransit").IsEnabled(LogLevel.Debug));
    }

    private static WebApplication Build(params string[] args) => WebApplication.CreateBuilder(args).AddLoggingDefaults().Build();
}
