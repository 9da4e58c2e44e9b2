namespace ReferralService.Fhir.Validation;

/// <summary>
/// What <see cref="ResourceLint"/> looks at, and R4's invariants besides: for what we write ourselves, where a fault is ours.
/// All invariants of Bundle, Composition, Task, Provenance, Device, MessageHeader and AuditEvent, and of every datatype in them.
/// </summary>
/// <remarks>Other resource types may come in a Bundle; of their own invariants nothing is known here, of their datatypes all. It takes about twice as long as the lint, and allocates.</remarks>
public static class AuthoredCheck
{
    /// <summary>R4's keys of the invariants that are looked at.</summary>
    public static IReadOnlyList<string> Keys { get; } =
        [.. Invariants.All.Select(i => i.Key).Concat(Invariants.OfTheWalk).Concat(BundleInvariants.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Checks one resource; a Bundle with all that is in it.</summary>
    public static LintReport Check(ReadOnlySpan<byte> resource, int limit = ResourceLint.DefaultLimit)
        => LintWalk.Run(resource, tokens: null, cuts: [], LintScope.Invariants, limit);

    /// <summary>Checks a Bundle without its entries' resources: those we carry are another's, and may be large.</summary>
    public static LintReport CheckEnvelope(ReadOnlySpan<byte> bundle, int limit = ResourceLint.DefaultLimit)
        => LintWalk.Run(bundle, tokens: null, cuts: [], LintScope.Invariants | LintScope.EnvelopeOnly, limit);
}
