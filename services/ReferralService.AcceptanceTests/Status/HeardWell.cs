using System.Text.Json;
using ReferralService.Ledger;
using ReferralService.Tests.Contracts;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Status;

/// <summary>What must be true of whatever a plain client heard.</summary>
internal static class HeardWell
{
    private static readonly JsonElement Schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(ContractFiles.Schemas, "status-event.json"))).RootElement;

    /// <summary>Of each referral: every event of its timeline once or more, first heard in order of sequence, without gaps, always the same bytes under the same id.</summary>
    public static async Task<IReadOnlyList<string>> FaultsAsync(TemporaryLedger ledger, IReadOnlyList<Referral> referrals, IReadOnlyList<HeardEvent> heard)
    {
        var faults = new List<string>();
        faults.AddRange(heard.GroupBy(e => e.Id).Where(same => same.Select(e => e.Text).Distinct().Count() > 1).Select(same => $"{same.Key} came with different bytes"));
        foreach (var referral in referrals)
        {
            var mine = heard.Where(e => e.Referral == referral.Id.ToString()).DistinctBy(e => e.Id).ToList();
            var timeline = (await ledger.Referrals.TimelineAsync(referral.Id, CancellationToken.None)).Where(entry => entry.EventId is not null).ToList();
            if (!mine.Select(e => e.Sequence).SequenceEqual(Enumerable.Range(1, timeline.Count)))
            {
                faults.Add($"{referral.Id}: sequences {string.Join(' ', mine.Select(e => e.Sequence))} of {timeline.Count}");
            }

            if (!mine.Select(e => e.Id).SequenceEqual(timeline.Select(entry => entry.EventId.ToString())))
            {
                faults.Add($"{referral.Id}: not the ids of its timeline");
            }
        }

        return faults;
    }

    /// <summary>Properties, routing key and body of one message, by interfaces and schema.</summary>
    public static IEnumerable<string> Faults(HeardEvent e)
    {
        var properties = e.Properties;
        var expected = (Key: $"referral.main.{e.Type["referral.".Length..]}", e.Id, e.Referral, e.Type, Content: "application/cloudevents+json", Persistent: true);
        var actual = (e.RoutingKey, properties.MessageId, properties.CorrelationId, properties.Type, properties.ContentType, properties.Persistent);
        return SchemaChecker.Check(Schema, e.Body).Concat(actual.Equals(expected) ? [] : [$"{actual} instead of {expected}"]);
    }
}
