using ReferralService.Status;

namespace ReferralService.Ops.Health.Checks;

/// <summary>How the broker stands, as those who use it have found it: status events, commands, wake-ups. Nobody asks it here.</summary>
internal sealed class BrokerCheck(BrokerStatus broker, BrokerTroubles troubles) : IHealthCheck
{
    public string Name => "broker";

    public HealthCheckResult Look()
    {
        var now = troubles.Now;
        return broker.Now switch
        {
            BrokerState.NotUsed => new(Name, HealthStatus.Ok, 0, HealthCodes.NotUsed),
            _ when now.Count > 0 => new(Name, HealthStatus.Degraded, 0, now[0].Trouble.Code, Detail(now)),
            BrokerState.Connected => new(Name, HealthStatus.Ok, 0),
            BrokerState.Blocked => new(Name, HealthStatus.Degraded, 0, BrokerTrouble.Blocked.Code, BrokerTrouble.Blocked.Fix),
            _ => new(Name, HealthStatus.Degraded, 0, BrokerTrouble.Unreachable.Code, BrokerTrouble.Unreachable.Fix),
        };
    }

    public Task<IReadOnlyList<HealthCheckResult>> CheckAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<HealthCheckResult>>([Look()]);

    private static string Detail(IReadOnlyList<(BrokerUse Use, BrokerTrouble Trouble)> now) => string.Join(
        "; ", now.GroupBy(one => one.Trouble, one => NameOf(one.Use)).Select(same => $"{string.Join(", ", same)}: {same.Key.Code}, {same.Key.Fix}"));

    private static string NameOf(BrokerUse use) => use switch
    {
        BrokerUse.Events => "status events",
        BrokerUse.Commands => "commands",
        _ => "wake-ups",
    };
}
