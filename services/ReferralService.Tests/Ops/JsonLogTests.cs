using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using ReferralService.Ops;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops;

internal sealed class JsonLogTests
{
    [Test]
    public void A_line_is_one_JSON_object_in_UTC_with_its_values_and_its_trace()
    {
        using var activity = new Activity("a step").Start();

        var line = Write(new List<KeyValuePair<string, object?>> { new("Referral", "r-1"), new("Tries", 3), new("{OriginalFormat}", "x") }, "Referral r-1\nis held", null);

        using var read = JsonDocument.Parse(line);
        Assert.Multiple(() =>
        {
            Assert.That(line.TrimEnd('\n', '\r'), Does.Not.Contain("\n"));
            Assert.That(read.RootElement.GetProperty("at").GetString(), Is.EqualTo("2026-11-22T10:00:00.000Z"));
            Assert.That(read.RootElement.GetProperty("level").GetString(), Is.EqualTo("warning"));
            Assert.That(read.RootElement.GetProperty("event").GetInt32(), Is.EqualTo(8011));
            Assert.That(read.RootElement.GetProperty("message").GetString(), Is.EqualTo("Referral r-1\nis held"));
            Assert.That(read.RootElement.GetProperty("values").GetRawText(), Is.EqualTo("""{"referral":"r-1","tries":3}"""));
            Assert.That(read.RootElement.GetProperty("traceId").GetString(), Is.EqualTo(activity.TraceId.ToHexString()));
        });
    }

    [Test]
    public void The_message_of_an_exception_is_not_written()
    {
        var line = Write("no values", "something failed", new InvalidOperationException("zzphi of somebody"));

        Assert.That(line, Does.Contain("System.InvalidOperationException").And.Not.Contain("zzphi"));
    }

    [Test]
    public async Task It_is_the_one_that_json_names()
    {
        var builder = WebApplication.CreateBuilder(["--Logging:Console:FormatterName=json"]).AddLoggingDefaults();
        builder.Services.AddSingleton<TimeProvider>(new ManualTimeProvider());
        JsonLogFormatter.AddTo(builder.Services);
        await using var app = builder.Build();

        var named = app.Services.GetServices<ConsoleFormatter>().First(formatter => formatter.Name == "json");

        Assert.That(named, Is.InstanceOf<JsonLogFormatter>());
    }

    private static string Write<TState>(TState state, string message, Exception? exception)
    {
        using var writer = new StringWriter();
        new JsonLogFormatter(new ManualTimeProvider()).Write(
            new LogEntry<TState>(LogLevel.Warning, "ReferralService.Flow.StepRunner", new EventId(8011), state, exception, (_, _) => message), null, writer);
        return writer.ToString();
    }
}
