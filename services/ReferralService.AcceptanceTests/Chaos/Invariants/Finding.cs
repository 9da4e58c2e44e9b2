using System.Globalization;

namespace ReferralService.AcceptanceTests.Chaos.Invariants;

/// <summary>What one invariant's judge says of a run.</summary>
/// <param name="Observed">What it looked at, by kind; what could have broken it.</param>
/// <param name="Breaches">One line each.</param>
internal sealed record Finding(string Invariant, IReadOnlyList<Observation> Observed, IReadOnlyList<string> Breaches)
{
    public bool Broken => Breaches.Count > 0;

    /// <summary>There was something that could have broken it.</summary>
    public bool Exercised => Observed.Any(o => o.Count > 0);

    public bool Held => Exercised && !Broken;

    /// <summary><c>held (12 packages)</c>, <c>not exercised</c>, <c>BROKEN 3 times</c>.</summary>
    public string InWords
    {
        get
        {
            var seen = string.Join(", ", Observed.Where(o => o.Count > 0).Select(o => string.Create(CultureInfo.InvariantCulture, $"{o.Count} {o.Of}")));
            var unseen = string.Join(", ", Observed.Where(o => o.Count == 0).Select(o => o.Of));
            return Broken ? string.Create(CultureInfo.InvariantCulture, $"**BROKEN** {Breaches.Count} times ({seen})")
                : !Exercised ? "not exercised"
                : $"held ({seen}{(unseen.Length == 0 ? "" : $"; not exercised: {unseen}")})";
        }
    }
}

/// <param name="Of">In the plural: <c>packages</c>.</param>
internal sealed record Observation(int Count, string Of);
