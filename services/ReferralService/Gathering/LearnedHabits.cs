using System.Collections.Concurrent;
using System.Globalization;
using ReferralService.Ledger;

namespace ReferralService.Gathering;

/// <summary>Which way of asking each EHR does not refuse: remembered here, and in the ledger for other replicas and the next start.</summary>
/// <param name="memory">Null: only this process remembers.</param>
internal sealed class LearnedHabits(PartnerMemory? memory)
{
    /// <summary>Servers improve: now and then the best way is tried again.</summary>
    public const int DaysBelieved = 30;

    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, string>> _habits = new(StringComparer.Ordinal);

    /// <summary>The way that worked last for a search; null when none was learned, too long ago, or while the ledger cannot be read: then it is found out anew.</summary>
    /// <param name="days">What was learned longer ago does not count.</param>
    public async Task<string?> RecallAsync(string ehr, string search, DateOnly today, CancellationToken cancellationToken, int days = DaysBelieved)
    {
        if (!_habits.TryGetValue(ehr, out var habits)) habits = await LoadAsync(ehr, cancellationToken);
        return habits.TryGetValue(search, out var value) && value.Split('@') is [var way, var day]
            && DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var learned)
            && today.DayNumber - learned.DayNumber <= days ? way : null;
    }

    public async Task LearnAsync(string ehr, string search, string way, DateOnly today, CancellationToken cancellationToken)
    {
        if (await RecallAsync(ehr, search, today, cancellationToken, days: 0) == way) return;
        var value = $"{way}@{today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}";
        _habits.GetOrAdd(ehr, _ => new(StringComparer.Ordinal))[search] = value;
        if (memory is null) return;
        try
        {
            await memory.LearnAsync(Partner(ehr), search, value, cancellationToken);
        }
        catch (LedgerUnavailableException)
        {
            // It will be learned again; forgetting it costs a refused request.
        }
    }

    private async Task<ConcurrentDictionary<string, string>> LoadAsync(string ehr, CancellationToken cancellationToken)
    {
        var habits = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        try
        {
            if (memory is not null)
            {
                foreach (var (search, value) in await memory.RecallAsync(Partner(ehr), cancellationToken)) habits[search] = value;
            }
        }
        catch (LedgerUnavailableException)
        {
            return habits;
        }

        return _habits.GetOrAdd(ehr, habits);
    }

    private static string Partner(string ehr) => $"ehr:{ehr}";
}
