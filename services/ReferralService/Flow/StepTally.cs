using System.Globalization;
using ReferralService.Gathering;
using ReferralService.Ledger;
using ReferralService.Packaging;

namespace ReferralService.Flow;

/// <summary>What the timeline says of a gathering and of its package to everybody who may see the referral: types, counts, bytes and durations.</summary>
internal static class StepTally
{
    /// <summary><c>pulls</c>: for each type asked for <c>Type:searches:pages</c>; <c>ms</c>: how long it took.</summary>
    /// <remarks>Not how much came: less what the package carries, that would be how much was withheld, and of what type. The manifest has it, for role privacy.</remarks>
    public static IReadOnlyDictionary<string, string> Gathered(GatheredRecord record, TimeSpan took) => new Dictionary<string, string>
    {
        ["pulls"] = string.Join(' ', record.Searches.Where(s => s.Refusal is null).GroupBy(s => s.Type).OrderBy(type => type.Key, StringComparer.Ordinal)
            .Select(type => $"{type.Key}:{type.Count()}:{type.Sum(s => s.Pages)}")),
        ["ms"] = Number((long)took.TotalMilliseconds),
    };

    /// <summary><c>contents</c>: for each type carried <c>Type:entries:bytes</c>; <c>bytes</c> of the whole Bundle, and its <c>form</c>.</summary>
    public static IReadOnlyDictionary<string, string> Contents(PackageForm form, VaultReceipt receipt, IReadOnlyList<TypeTally> carried) => new Dictionary<string, string>
    {
        ["form"] = form.ToString().ToLowerInvariant(),
        ["bytes"] = Number(receipt.Bytes),
        ["contents"] = string.Join(' ', carried.Select(type => $"{type.Type}:{type.Entries}:{type.Bytes}")),
    };

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
