using ReferralService.Fhir.Validation.Definitions;

namespace ReferralService.Fhir.Validation;

/// <summary>One of R4's invariants, as its key names it, put into words of ours.</summary>
/// <param name="On">The types whose objects it is about.</param>
internal sealed record Invariant(string Key, string[] On, Invariant.Rule Holds, LintSeverity Severity = LintSeverity.Error)
{
    public delegate bool Rule(ElementSlice element);
}

/// <summary>The invariants that look at one object alone. Those on contained resources, references, narratives and extensions stand in <see cref="LintWalk"/>, a Bundle's in <see cref="BundleInvariants"/>.</summary>
internal static class Invariants
{
    /// <summary>Keys that every resource's walk looks after.</summary>
    public static readonly IReadOnlyList<string> OfTheWalk = ["dom-2", "dom-3", "dom-4", "dom-5", "ele-1", "ext-1", "ref-1", "txt-1", "txt-2"];

    private static readonly Lazy<Invariant[][]> ByType = new(() =>
    {
        var r4 = R4Definitions.Shared;
        var rules = new List<Invariant>[r4.Types.Length];
        foreach (var invariant in All)
            foreach (string type in invariant.On) (rules[r4.TypeNamed(type)] ??= []).Add(invariant);
        return [.. rules.Select(r => r?.ToArray() ?? [])];
    });

    public static IReadOnlyList<Invariant> All => [.. ResourceInvariants.All, .. DatatypeInvariants.All, .. TimingInvariants.All];

    /// <param name="contained">It lies in a contained resource, which should have no narrative of its own (domainresource.html): dom-6 is not asked of it.</param>
    public static void Check(int type, ElementSlice element, bool contained, LintMemory memory, int limit)
    {
        foreach (var invariant in ByType.Value[type])
            if (!(contained && invariant.Key == "dom-6") && !invariant.Holds(element))
                LintWalk.Report(memory, limit, new FoundFault(LintCode.Invariant, invariant.Severity, element.At, null, invariant.Key));
    }
}
