using ReferralService.Fhir.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Fhir.Validation;

/// <summary>
/// Compares a resource with R4's structure, in one pass over its bytes: names, cardinalities, JSON types, formats, required codes, choices,
/// reference targets, contained resources. For what we carry and send on untouched: it says what is odd and changes nothing.
/// </summary>
/// <remarks>
/// A conforming resource costs no memory. What is no text at all (UTF-8, surrogates) is for <see cref="RawResource.Read(ReadOnlyMemory{byte})"/> to refuse.
/// Not looked at: invariants beyond those <see cref="LintCode"/> names, profiles, extension definitions, bindings weaker than required, and
/// required ones without a list of codes (MIME types, UCUM, currencies). See <see cref="AuthoredCheck"/> for what we write ourselves.
/// </remarks>
public static class ResourceLint
{
    /// <summary>How many findings are kept unless told otherwise.</summary>
    public const int DefaultLimit = 20;

    /// <summary>Checks one resource; a Bundle with all that is in it.</summary>
    /// <param name="limit">Findings kept; the rest are counted.</param>
    public static LintReport Check(ReadOnlySpan<byte> resource, int limit = DefaultLimit)
        => LintWalk.Run(resource, tokens: null, cuts: [], LintScope.Structure, limit);

    /// <summary>Checks a resource as it was received: where base64 was taken out while it streamed by, what is left is not held against it.</summary>
    public static LintReport Check(RawResource resource, int limit = DefaultLimit)
        => Check(resource.Utf8.Span, resource.Cuts, limit);

    /// <summary>The same for bytes that were kept without their long runs.</summary>
    /// <param name="cuts">Where they stood.</param>
    public static LintReport Check(ReadOnlySpan<byte> resource, IReadOnlyList<BodyCut> cuts, int limit = DefaultLimit)
        => LintWalk.Run(resource, tokens: null, cuts, LintScope.Structure, limit);

    /// <summary>The same by tokens that were found before.</summary>
    /// <param name="tokens">Of <paramref name="resource"/>.</param>
    public static LintReport Check(ReadOnlySpan<byte> resource, JsonTokens tokens, IReadOnlyList<BodyCut> cuts, int limit = DefaultLimit)
        => LintWalk.Run(resource, tokens, cuts, LintScope.Structure, limit);
}
