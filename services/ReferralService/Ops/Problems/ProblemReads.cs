using ReferralService.Contracts;
using ReferralService.Ledger;

namespace ReferralService.Ops.Problems;

/// <summary>The groups of referrals in trouble, read at most once in two seconds however many look.</summary>
internal sealed class ProblemReads(ProblemBook book, TimeProvider clock)
{
    /// <summary>More causes than these at once are one cause that no list shows.</summary>
    private const int MostGroups = 200;

    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private Task<IReadOnlyList<ProblemGroup>>? _groups;
    private DateTimeOffset _until;

    /// <summary>The largest first.</summary>
    public async Task<IReadOnlyList<ProblemGroup>> GroupsAsync(CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<ProblemGroup>> groups;
        lock (_gate)
        {
            if (_groups is null || _groups.IsFaulted || _groups.IsCanceled || clock.GetUtcNow() >= _until)
            {
                // Asked for by all who wait, so that it ends with none of them.
                (_groups, _until) = (ReadAsync(), clock.GetUtcNow() + Kept);
            }

            groups = _groups;
        }

        return await groups.WaitAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<ProblemGroup>> ReadAsync() => await book.GroupsAsync(MostGroups, CancellationToken.None);
}

/// <summary>A group's key as the query of an address, and back.</summary>
internal static class ProblemAddress
{
    private const int Longest = 256;

    public static string Query(ProblemKey key)
        => $"partner={Uri.EscapeDataString(key.Partner)}&code={Uri.EscapeDataString(key.Code)}&issue={Uri.EscapeDataString(key.Issue)}";

    public static string Of(ProblemKey key) => $"/problems?{Query(key)}";

    /// <summary>Null: none is named, or not as one is.</summary>
    public static ProblemKey? Read(IEnumerable<KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues>> given)
    {
        var texts = given.Where(one => one.Value.Count == 1).ToDictionary(one => one.Key, one => one.Value.ToString(), StringComparer.Ordinal);
        return texts.TryGetValue("partner", out var partner) && texts.TryGetValue("code", out var code) && ReasonCodes.All.Contains(code)
                && partner.Length <= Longest && (partner.StartsWith("ehr:", StringComparison.Ordinal) || partner.StartsWith("recipient:", StringComparison.Ordinal))
            ? new ProblemKey(partner, code, texts.GetValueOrDefault("issue") is { Length: <= Longest } issue ? issue : "")
            : null;
    }
}
