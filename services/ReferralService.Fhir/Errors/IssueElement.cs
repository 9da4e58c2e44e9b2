using System.Collections.Frozen;
using System.Text;
using System.Text.RegularExpressions;
using ReferralService.Fhir.Resources;
using ReferralService.Fhir.Validation.Definitions;

namespace ReferralService.Fhir.Errors;

/// <summary>Which element an issue is about, in R4's own words: of a path that a server wrote only names of types and elements are kept, no index, no condition, no value.</summary>
public static partial class IssueElement
{
    private const int Longest = 120;

    private static readonly string[] Functions = ["ofType", "where", "first", "last", "as"];

    private static readonly Lazy<FrozenSet<string>> Names = new(() => ReadNames().ToFrozenSet(StringComparer.Ordinal));

    /// <summary><c>Bundle.entry[2].resource.ofType(Patient).birthDate</c> gives <c>Bundle.entry.resource.birthDate</c>; the first word that is none of R4's ends it. Null: it does not begin with a resource type.</summary>
    public static string? Of(string? expression)
    {
        if (expression is null) return null;
        var path = new StringBuilder();
        foreach (var word in Brackets().Replace(expression, "").Split('.'))
        {
            if (path.Length > 0 && Functions.Contains(word)) continue;
            if (path.Length == 0 ? !ResourceTypes.Contains(word) : !Names.Value.Contains(word) || path.Length + 1 + word.Length > Longest) break;
            if (path.Length > 0) path.Append('.');
            path.Append(word);
        }

        return path.Length == 0 ? null : path.ToString();
    }

    private static IEnumerable<string> ReadNames()
    {
        var r4 = R4Definitions.Shared;
        for (var row = 0; row < r4.Elements.Length; row++)
        {
            yield return Encoding.ASCII.GetString(r4.NameOf(r4.Elements[row]));

            // value of value[x], as FHIRPath names it.
            if (r4.Elements[row].StemLength > 0) yield return Encoding.ASCII.GetString(r4.StemOf(r4.Elements[row]));
        }
    }

    [GeneratedRegex(@"\[[^\]]*\]|\([^)]*\)")]
    private static partial Regex Brackets();
}
