using System.Collections.Concurrent;
using System.Text.Json;
using ReferralService.AcceptanceTests.Chaos.Truth;
using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Chaos;

/// <summary>Gathers what the invariants judge, once all is quiet.</summary>
internal static class EvidenceCollector
{
    public static async Task<Evidence> CollectAsync(ChaosRun run)
    {
        var world = run.World;
        var effects = world.Consultants.SelectMany(c => TruthLedger.Read<EffectFact>(c.TruthFile)).OrderBy(e => e.At).ToList();
        var referrals = await world.Ledger.ReferralsAsync();
        var packages = await PackagesAsync(world, referrals, effects);
        var (heard, inQueues) = world.Broker is null ? (null, []) : await StatusQueue.DrainAsync(world.Broker.Address);
        foreach (var replica in world.Replicas)
        {
            await replica.StopAsync();
        }

        return new Evidence
        {
            Orders = TruthLedger.Read<OrderFact>(world.Ehr.OrdersFile),
            Triggers = TruthLedger.Read<TriggerFact>(world.Ehr.TriggersFile),
            Effects = effects,
            // Once more, at rest: rows and timeline of one moment, also when a phase broke off.
            Referrals = await world.Ledger.ReferralsAsync(),
            Timeline = await world.Ledger.TimelineAsync(),
            Notices = await world.Ledger.NoticesAsync(),
            Heard = heard,
            Cursors = run.Watch.Cursors,
            Leaks = [.. inQueues, .. await LeaksAsync(world)],
            Packages = packages,
            Latencies = [.. run.Latencies],
            Resources = run.Watch.Samples,
            Failures = run.Watch.Failures,
            Drains = run.Drains,
            Namings = [.. run.Namings],
        };
    }

    /// <summary>The manifests of all that was sent, as the service gives them out.</summary>
    private static async Task<IReadOnlyDictionary<string, PackageContent>> PackagesAsync(World world, IReadOnlyList<ReferralRow> referrals, IReadOnlyList<EffectFact> effects)
    {
        var sent = effects.Select(e => e.Package).ToHashSet();
        var found = new ConcurrentDictionary<string, PackageContent>();
        await Parallel.ForEachAsync(referrals.Where(r => r.PackageId is not null && sent.Contains(r.PackageId)), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (referral, token) =>
        {
            using var answer = await world.Replicas[0].Http.GetAsync($"/api/referrals/{referral.Id}/manifest", token);
            if (answer.IsSuccessStatusCode)
            {
                using var manifest = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(token));
                found[referral.PackageId!] = new PackageContent(Keys(manifest, "included", "source"), Keys(manifest, "omitted", "reference"));
            }
        });
        return found;
    }

    private static HashSet<string> Keys(JsonDocument manifest, string list, string property)
        => [.. manifest.RootElement.GetProperty(list).EnumerateArray().Select(item => string.Join('/', item.GetProperty(property).GetString()!.Split('/').TakeLast(2)))];

    private static async Task<IEnumerable<Leak>> LeaksAsync(World world)
    {
        var leaks = new List<Leak>();
        foreach (var replica in world.Replicas)
        {
            leaks.AddRange(replica.Output.Split('\n').Where(HasCanary).Select(_ => new Leak("log")));
            leaks.AddRange(FilesWithCanary(replica));
        }

        // The address of what a hook or a caller asks of us never has a patient in it; those at the partners are FHIR's own.
        leaks.AddRange((await world.Ledger.PlainColumnsAsync()).Where(column => HasCanary(column.Value)).Select(column => new Leak(column.Place)));
        return leaks;
    }

    /// <summary>What a process left behind in its folder. The vault's chunks are in the database's file: in clear unless a key is set.</summary>
    private static IEnumerable<Leak> FilesWithCanary(ServiceReplica replica)
    {
        var folder = Path.GetDirectoryName(replica.LedgerFile)!;
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var vault = Path.GetFileName(file).StartsWith(Path.GetFileName(replica.LedgerFile), StringComparison.Ordinal);
            if ((!vault || replica.EncryptsContent) && File.ReadAllBytes(file).AsSpan().IndexOf("ZZPHI"u8) >= 0)
            {
                yield return new Leak($"file {Path.GetRelativePath(folder, file).Split('/')[0]}");
            }
        }
    }

    private static bool HasCanary(string text) => text.Contains(ChaosPatient.Canary, StringComparison.Ordinal);
}
