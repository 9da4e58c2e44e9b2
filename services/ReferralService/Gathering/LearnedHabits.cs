using System.Collections.Concurrent;
using ReferralService.Ledger;

namespace ReferralService.Gathering;

/// <summary>Which way of asking each EHR does not refuse: remembered here, and in the ledger for other replicas and the next start.</summary>
/// <param name="memory">Null: only this process remembers.</param>
internal sealed class LearnedHabits(PartnerMemory? memory)
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, string>> _habits = new(StringComparer.Ordinal);

    /// <summary>What is known of an EHR; nothing while the ledger cannot be read: then it is found out anew.</summary>
    public async Task<IReadOnlyDictionary<string, string>> RecallAsync(string ehr, CancellationToken cancellationToken)
    {
        if (_habits.TryGetValue(ehr, out var known)) return known;
        var habits = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        if (memory is not null)
        {
            try
            {
                foreach (var (key, value) in await memory.RecallAsync(Partner(ehr), cancellationToken)) habits[key] = value;
            }
            catch (LedgerUnavailableException)
            {
                return habits;
            }
        }

        return _habits.GetOrAdd(ehr, habits);
    }

    public async Task LearnAsync(string ehr, string key, string value, CancellationToken cancellationToken)
    {
        var known = _habits.GetOrAdd(ehr, _ => new(StringComparer.Ordinal));
        if (known.TryGetValue(key, out var already) && already == value) return;
        known[key] = value;
        if (memory is null) return;
        try
        {
            await memory.LearnAsync(Partner(ehr), key, value, cancellationToken);
        }
        catch (LedgerUnavailableException)
        {
            // It will be learned again; forgetting it costs a refused request.
        }
    }

    private static string Partner(string ehr) => $"ehr:{ehr}";
}
