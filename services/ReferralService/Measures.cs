using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using ReferralService.Contracts;

namespace ReferralService;

/// <summary>What the service counts and times, by names that docs/interfaces.md lists. Written by the rooms; read at <c>/metrics</c> and, where it is configured, sent by OTLP.</summary>
/// <remarks>
/// Labels hold names of the settings and words of closed lists, never an id, an address or a text from outside: so nobody is found by them, and their
/// number has a bound. Nothing here allocates; with nobody listening a measurement costs a look at a field.
/// </remarks>
internal static class Measures
{
    public const string Name = "ReferralService";

    public static readonly Meter Meter = new(Name);

    private static readonly FrozenSet<string> Reasons = typeof(ReasonCodes).GetFields().Select(code => (string)code.GetRawConstantValue()!).ToFrozenSet(StringComparer.Ordinal);

    private static readonly Counter<long> Referrals = Meter.CreateCounter<long>("referrals_total", description: "Referrals that entered a state or were put off in it, by reason.");
    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>("delivery_attempts_total", description: "Delivery attempts at a recipient by outcome.");
    private static readonly Counter<long> Gatherings = Meter.CreateCounter<long>("gathering_requests_total", description: "Questions to an EHR, each with its retries, by outcome.");
    private static readonly Counter<long> Notices = Meter.CreateCounter<long>("notifications_total", description: "Notifications by EHR and what became of them.");
    private static readonly Counter<long> Told = Meter.CreateCounter<long>("commands_total", description: "Commands from the queue by what became of them.");
    private static readonly Counter<long> Swept = Meter.CreateCounter<long>("sweeps_total", description: "Sweeps over an EHR's orders by outcome.");
    private static readonly Counter<long> Published = Meter.CreateCounter<long>("status_events_total", description: "Status events handed to the broker by what became of them.");
    private static readonly Counter<long> Posts = Meter.CreateCounter<long>("webhook_posts_total", description: "Status events posted to a webhook's receiver by what became of them.");
    private static readonly Counter<long> Vault = Meter.CreateCounter<long>("vault_bytes_total", "By", "Bytes of packages and manifests written to and read from the vault.");
    private static readonly Histogram<double> Steps = Times("step_duration_seconds", "How long a step of the walk took, by outcome.", [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800]);
    private static readonly Histogram<double> Exchanges = Times("http_client_duration_seconds", "From a request to a partner to the head of its answer.", [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]);
    private static readonly Histogram<double> Transactions = Times("ledger_transaction_duration_seconds", "How long the ledger took for a piece of work, the wait for its turn included.", [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]);

    /// <param name="reason">A code of <see cref="ReasonCodes"/>; null: none.</param>
    public static void Entered(string state, string? reason) => Referrals.Add(1, new("state", state), new("reason", Reason(reason)));

    public static void Attempted(string recipient, string outcome) => Attempts.Add(1, new("recipient", recipient), new("outcome", outcome));

    public static void Gathered(string ehr, string outcome) => Gatherings.Add(1, new("ehr", ehr), new("outcome", outcome));

    public static void Notified(string ehr, string outcome) => Notices.Add(1, new("ehr", ehr), new("outcome", outcome));

    public static void Commanded(string outcome) => Told.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public static void SweptOver(string ehr, string outcome) => Swept.Add(1, new("ehr", ehr), new("outcome", outcome));

    public static void PublishedEvent(string outcome) => Published.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public static void Posted(string webhook, string outcome) => Posts.Add(1, new("webhook", webhook), new("outcome", outcome));

    /// <param name="direction">in or out.</param>
    public static void Stored(string direction, long bytes) => Vault.Add(bytes, new KeyValuePair<string, object?>("direction", direction));

    public static void Stepped(string step, string outcome, TimeSpan took) => Steps.Record(took.TotalSeconds, new("step", step), new("outcome", outcome));

    /// <param name="kind">ehr, recipient, or files (of an EHR).</param>
    public static void Exchanged(string partner, string kind, string method, string outcome, TimeSpan took)
        => Exchanges.Record(took.TotalSeconds, new("partner", partner), new("kind", kind), new("method", method), new("outcome", outcome));

    /// <param name="kind">write or read.</param>
    public static void Transacted(string kind, string outcome, TimeSpan took) => Transactions.Record(took.TotalSeconds, new("kind", kind), new("outcome", outcome));

    private static Histogram<double> Times(string name, string help, IReadOnlyList<double> bounds)
        => Meter.CreateHistogram(name, "s", help, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    /// <summary>A code as a label: <c>none</c> for null, <c>other</c> for what is in no list of ours.</summary>
    public static string Reason(string? code) => code is null ? "none" : Reasons.Contains(code) ? code : "other";

}
