using System.Globalization;
using System.Text.RegularExpressions;

namespace ReferralService.Gathering.Plans;

/// <summary><c>major.minor.patch</c>; compared by number.</summary>
internal readonly partial record struct PlanVersion(int Major, int Minor, int Patch) : IComparable<PlanVersion>
{
    public static PlanVersion? Parse(string text)
    {
        var match = Form().Match(text);
        if (!match.Success) return null;
        int Part(int group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
        return new PlanVersion(Part(1), Part(2), Part(3));
    }

    public int CompareTo(PlanVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");

    [GeneratedRegex(@"^(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
