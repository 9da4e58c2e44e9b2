namespace ReferralService.Fhir.Validation;

/// <summary>The permanent codes of <see cref="LintFinding"/>: a closed list.</summary>
public static class LintCode
{
    /// <summary>Not JSON, or nested deeper than is read; nothing after that place was looked at.</summary>
    public const string NotJson = "not-json";

    /// <summary>No <c>resourceType</c>, or one that R4 does not know; its elements were not looked at.</summary>
    public const string UnknownResourceType = "unknown-resource-type";

    /// <summary>R4 gives the type no such element, or no <c>_name</c> beside it.</summary>
    public const string UnknownElement = "unknown-element";

    /// <summary>One object has the element twice.</summary>
    public const string DuplicateElement = "duplicate-element";

    /// <summary>An element that must be there is not. The path names it.</summary>
    public const string CardinalityMin = "cardinality-min";

    /// <summary>More than one where R4 allows one, or one where a profile of R4's own allows none.</summary>
    public const string CardinalityMax = "cardinality-max";

    /// <summary>Another JSON shape than R4 gives the element: text for a number, one value for a list, an object for a primitive.</summary>
    public const string WrongJsonType = "wrong-json-type";

    /// <summary>A primitive's text is not in its type's format, or empty, or holds control characters.</summary>
    public const string BadPrimitive = "bad-primitive";

    /// <summary>A code outside of a required value set whose codes we know. A warning when the coding names no system, or a concept is only text.</summary>
    public const string UnknownCode = "unknown-code";

    /// <summary>A choice element given in two of its types.</summary>
    public const string TwoChoices = "two-choices";

    /// <summary>A reference that leads to a type the element does not allow, or that <c>Reference.type</c> contradicts.</summary>
    public const string WrongReferenceTarget = "wrong-reference-target";

    /// <summary>A reference to a contained resource that is not there (ref-1).</summary>
    public const string BrokenReference = "broken-reference";

    /// <summary>A contained resource that holds one itself (dom-2), has no id or another's, carries a version (dom-4) or a security label (dom-5), or that nothing refers to (dom-3).</summary>
    public const string BadContained = "bad-contained";

    /// <summary>An object or array with nothing in it, or an element with nothing but an id (ele-1).</summary>
    public const string Empty = "empty";

    /// <summary>JSON null where FHIR has none: only in an array of primitives, beside an extension, may it stand.</summary>
    public const string NullValue = "null-value";

    /// <summary>A primitive's list and its <c>_name</c> are not of one length.</summary>
    public const string PrimitiveExtension = "primitive-extension";

    /// <summary>A narrative is not well-formed XHTML, holds what it must not (txt-1), or nothing to read (txt-2).</summary>
    public const string Narrative = "narrative";

    /// <summary>Another rule of R4's, named by <see cref="LintFinding.Rule"/>.</summary>
    public const string Invariant = "invariant";
}
