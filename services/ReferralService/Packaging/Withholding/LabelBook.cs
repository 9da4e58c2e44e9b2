using ReferralService.Gathering.Plans;

namespace ReferralService.Packaging.Withholding;

/// <summary>All rules that conclude labels from codes, ready to be asked.</summary>
internal sealed class LabelBook
{
    private readonly Dictionary<string, OfSystem> _systems = new(StringComparer.Ordinal);
    private readonly HashSet<string> _sensitivities;

    public LabelBook(IReadOnlyList<LabelRule> rules)
    {
        Rules = rules;
        Signs = new LabelSigns(rules);
        _sensitivities = rules.SelectMany(r => r.Labels.Sensitivities).ToHashSet(StringComparer.Ordinal);
        foreach (var rule in rules)
        {
            var labels = rule.Labels with { Rules = [rule.Name] };
            foreach (var (system, codes) in rule.Codes.SelectMany(c => c.Systems.Select(CodeSystems.Canonical).Distinct().Select(s => (s, c))))
            {
                if (!_systems.TryGetValue(system, out var known)) _systems.Add(system, known = new OfSystem());
                foreach (string code in codes.Codes) known.Whole[code] = known.Whole.GetValueOrDefault(code, SecurityLabels.None).With(labels);
                known.Beginnings.AddRange(codes.Prefixes.Select(p => (CodeSystems.Plain(p), labels)));
            }
        }
    }

    public static LabelBook Empty { get; } = new([]);

    public IReadOnlyList<LabelRule> Rules { get; }

    /// <summary>What a body has in which any of these rules, or a label of its own, could find something.</summary>
    public LabelSigns Signs { get; }

    /// <summary>Whether the codes of anything sensitive in this way could tell.</summary>
    public bool Concludes(string sensitivity) => _sensitivities.Any(s => SensitivityTree.MayBe(s, sensitivity));

    /// <summary>The labels of whatever bears this code; <see cref="SecurityLabels.None"/> when no rule speaks of it.</summary>
    public SecurityLabels Of(string system, string code)
    {
        if (!_systems.TryGetValue(CodeSystems.Canonical(system), out var known)) return SecurityLabels.None;
        var labels = known.Whole.GetValueOrDefault(code, SecurityLabels.None);
        if (known.Beginnings.Count == 0) return labels;

        // ICD codes are written with their dot and without.
        string undotted = CodeSystems.Plain(code);
        foreach (var (beginning, its) in known.Beginnings)
        {
            if (undotted.StartsWith(beginning, StringComparison.OrdinalIgnoreCase)) labels = labels.With(its);
        }

        return labels;
    }

    private sealed class OfSystem
    {
        public Dictionary<string, SecurityLabels> Whole { get; } = new(StringComparer.Ordinal);
        public List<(string Beginning, SecurityLabels Labels)> Beginnings { get; } = [];
    }
}
