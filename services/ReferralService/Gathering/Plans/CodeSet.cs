using System.Collections.Frozen;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

internal readonly record struct PlanCode(string System, string Code) : IComparable<PlanCode>
{
    public int CompareTo(PlanCode other)
        => string.CompareOrdinal(System, other.System) is var bySystem and not 0 ? bySystem : string.CompareOrdinal(Code, other.Code);

    /// <summary>As a search's token: <c>system|code</c>.</summary>
    public override string ToString() => $"{System}|{Code}";
}

/// <summary>A coding of a record by the one name that plans use for its system.</summary>
/// <param name="Plain">See <see cref="CodeSystems.Plain"/>.</param>
internal readonly record struct KnownCode(string System, string Code, string Plain)
{
    /// <summary>Those that have a system and a code.</summary>
    public static KnownCode[] Of(IReadOnlyList<CodingView> codings)
    {
        var known = new List<KnownCode>(codings.Count);
        foreach (var coding in codings)
        {
            if (coding is { System: { } system, Code: { } code }) known.Add(new KnownCode(CodeSystems.Canonical(system), code, CodeSystems.Plain(code)));
        }

        return [.. known];
    }
}

/// <summary>Codes that a rule looks for: single ones, and whole branches of the systems whose codes show their branch.</summary>
internal sealed class CodeSet
{
    public static readonly CodeSet None = new([], []);

    private readonly HashSet<PlanCode> _exact;
    private readonly PlanCode[] _below;
    private readonly string[] _plainBelow;

    /// <summary>Made when first asked: of the sets that plans are put together from, most never are.</summary>
    private FrozenDictionary<string, FrozenSet<string>>? _bySystem;

    public CodeSet(IEnumerable<PlanCode> exact, IEnumerable<PlanCode> below)
    {
        _exact = [.. exact];
        _below = [.. below.Distinct().Order()];
        _plainBelow = [.. _below.Select(b => CodeSystems.Plain(b.Code))];
    }

    /// <summary>Sorted.</summary>
    public IReadOnlyList<PlanCode> Exact => [.. _exact.Order()];

    /// <summary>Each stands for itself and every longer code. Sorted.</summary>
    public IReadOnlyList<PlanCode> Below => _below;

    public bool IsEmpty => _exact.Count == 0 && _below.Length == 0;

    public CodeSet With(CodeSet other) => other.IsEmpty ? this : new CodeSet(_exact.Concat(other._exact), _below.Concat(other._below));

    /// <summary>The least of our codes that one of the codings is, or lies below; null when none. A coding without system is no match.</summary>
    public PlanCode? Find(IReadOnlyList<CodingView> codings) => IsEmpty ? null : Find(KnownCode.Of(codings));

    /// <inheritdoc cref="Find(IReadOnlyList{CodingView})"/>
    public PlanCode? Find(ReadOnlySpan<KnownCode> codes)
    {
        if (IsEmpty) return null;
        var bySystem = _bySystem ??= _exact.GroupBy(e => e.System, e => e.Code, StringComparer.Ordinal).ToFrozenDictionary(g => g.Key, g => g.ToFrozenSet(StringComparer.Ordinal), StringComparer.Ordinal);
        PlanCode? least = null;
        foreach (var (system, code, plain) in codes)
        {
            if (bySystem.TryGetValue(system, out var exact) && exact.Contains(code)) Take(ref least, new PlanCode(system, code));
            for (int i = 0; i < _below.Length; i++)
            {
                if (_below[i].System == system && plain.StartsWith(_plainBelow[i], StringComparison.Ordinal)) Take(ref least, _below[i]);
            }
        }

        return least;
    }

    private static void Take(ref PlanCode? least, PlanCode code)
    {
        if (least is null || code.CompareTo(least.Value) < 0) least = code;
    }
}
