using System.Globalization;
using ReferralService.Status;

namespace ReferralService.Doctor;

/// <summary>How the broker stands, in words.</summary>
internal static class BrokerLook
{
    /// <summary>The oldest that its makers still mend.</summary>
    private static readonly Version OldestMended = new(3, 13);

    public static void Tell(Findings findings, BrokerCondition found)
    {
        if (found.Trouble is { } trouble) findings.Fail(trouble.Code, "cannot be used", trouble.Fix);
        if (found.Version is not { } told) return;
        findings.Pass($"takes our login, RabbitMQ {told}");
        if (Version.TryParse(told.Split('-', '+')[0], out var version) && version < OldestMended)
        {
            findings.Warn("broker-old", $"RabbitMQ {told} gets no security fixes any more", "upgrade to 3.13 or newer, one minor version after the other");
        }

        foreach (var remark in found.Remarks) findings.Warn(remark.Code, "works, but not as deploy/rabbitmq/definitions.json makes it", remark.Fix);
        if (found.Missing.Count > 0) findings.Pass($"{string.Join(", ", found.Missing)}: made when the service starts");
        foreach (var (queue, count) in found.Waiting)
        {
            findings.Warn("broker-waiting", string.Create(CultureInfo.InvariantCulture, $"{count} messages wait in {queue}"), "look at them (header reason); docs/runbook.md, \"The broker is in trouble\"");
        }

        if (found.RoundTrip is { } took) findings.Pass(string.Create(CultureInfo.InvariantCulture, $"confirmed a message and gave it back in {took.TotalMilliseconds:F0} ms"));
    }
}
