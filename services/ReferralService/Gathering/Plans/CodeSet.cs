using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

internal readonly record struct PlanCode(string System, string Code) : IComparable<PlanCode>
{
    public int CompareTo(PlanCode other)
        => string.CompareOrdinal(System, other.System) is var bySystem and not 0 ? bySystem : string.CompareOrdinal(Code, other.Code);

    /// <summary>As a search's token: <c>system|code</c>.</summary>
    public override string ToString() => $"{System}|{Code}";
}

/// <summary>Codes that a rule looks for: single ones, and whole branches of the systems whose codes show their branch.</summary>
internal sealed class CodeSet
{
    public static readonly CodeSet None = new([], []);

    private readonly HashSet<PlanCode> _exact;
    private readonly PlanCode[] _below;

    public CodeSet(IEnumerable<PlanCode> exact, IEnumerable<PlanCode> below)
    {
        _exact = [.. exact];
        _below = [.. below.Distinct().Order()];
    }

    /// <summary>Sorted.</summary>
    public IReadOnlyList<PlanCode> Exact => [.. _exact.Order()];

    /// <summary>Each stands for itself and every longer code. Sorted.</summary>
    public IReadOnlyList<PlanCode> Below => _below;

    public bool IsEmpty => _exact.Count == 0 && _below.Length == 0;

    public CodeSet With(CodeSet other) => other.IsEmpty ? this : new CodeSet(_exact.Concat(other._exact), _below.Concat(other._below));

    /// <summary>The least of our codes that one of the codings is, or lies below; null when none. A coding without system is no match.</summary>
    public PlanCode? Find(IReadOnlyList<CodingView> codings)
    {
        PlanCode? least = null;
        foreach (var coding in codings)
        {
            if (coding.System is null || coding.Code is null) continue;
            var system = CodeSystems.Canonical(coding.System);
            var code = new PlanCode(system, coding.Code);
            if (_exact.Contains(code)) Take(code);
            if (_below.Length == 0) continue;
            var plain = CodeSystems.Plain(coding.Code);
            foreach (var branch in _below)
            {
                if (branch.System == system && plain.StartsWith(CodeSystems.Plain(branch.Code), StringComparison.Ordinal)) Take(branch);
            }
        }

        return least;

        void Take(PlanCode code)
        {
            if (least is null || code.CompareTo(least.Value) < 0) least = code;
        }
    }
}
