using System.Collections.Concurrent;
using ReferralService.Packaging.Lines;

namespace ReferralService.Packaging.Sections;

/// <summary>How resources of one type are laid out: looked up once for all of them.</summary>
/// <param name="lines">Where their lines are read from.</param>
/// <param name="rules">Which sections they may belong to; the first that fits wins.</param>
internal sealed class TypeLayout(string type, LineRule lines, SectionRule[] rules)
{
    /// <summary>No more than R4 has types: any text may call itself a type.</summary>
    private const int Most = 256;

    private static readonly ConcurrentDictionary<string, TypeLayout> Known = new(StringComparer.Ordinal);

    public string Type { get; } = type;

    public LineRule Lines { get; } = lines;

    /// <summary>Whether any rule speaks of the type; if none does, the resource is carried for those that refer to it.</summary>
    public bool HasSection => rules.Length > 0;

    public static TypeLayout Of(string type)
    {
        if (Known.TryGetValue(type, out var known)) return known;
        var made = new TypeLayout(type, LineRule.For(type), SectionRule.For(type));
        return Known.Count < Most ? Known.GetOrAdd(type, made) : made;
    }

    public SectionKind? KindOf(List<Category> categories, SpokenText words)
    {
        foreach (var rule in rules)
        {
            if (rule.Fits(categories, words)) return rule.Kind;
        }

        return null;
    }
}
