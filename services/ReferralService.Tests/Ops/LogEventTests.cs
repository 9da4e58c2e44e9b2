using System.Reflection;
using Microsoft.Extensions.Logging;
using ReferralService.Ledger;

namespace ReferralService.Tests.Ops;

/// <summary>An operator looks an event up by its number.</summary>
internal sealed class LogEventTests
{
    [Test]
    public void No_two_events_have_one_number()
    {
        var events = typeof(ReferralBook).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => (method, Mark: method.GetCustomAttribute<LoggerMessageAttribute>())).Where(one => one.Mark is not null).ToList();

        Assert.That(events, Has.Count.GreaterThan(100), "they are found");
        Assert.That(events.GroupBy(one => one.Mark!.EventId).Where(number => number.Count() > 1).Select(number => $"{number.Key}: {string.Join(", ", number.Select(one => $"{one.method.DeclaringType!.DeclaringType!.Name}.{one.method.Name}"))}"), Is.Empty);
    }
}
