namespace ReferralService.Fhir.Errors;

/// <summary>The permanent codes of <see cref="FhirFormatException"/>.</summary>
public static class FormatCode
{
    /// <summary>Not JSON as RFC 8259 has it: comments, trailing commas, NaN, control characters, anything after the value.</summary>
    public const string JsonInvalid = "json-invalid";

    /// <summary>The bytes end before the value does.</summary>
    public const string JsonTruncated = "json-truncated";

    /// <summary>A byte order mark, invalid UTF-8, half a surrogate pair, or U+0000.</summary>
    public const string JsonEncoding = "json-encoding";

    public const string JsonTooDeep = "json-too-deep";

    /// <summary>One object has the same key twice: readers would disagree on what it says.</summary>
    public const string JsonDuplicateKey = "json-duplicate-key";

    public const string JsonTooLarge = "json-too-large";

    /// <summary>Nothing, a web page or XML where FHIR JSON was expected.</summary>
    public const string NotJson = "fhir-not-json";

    /// <summary>JSON, but no object with a <c>resourceType</c>.</summary>
    public const string NotAResource = "fhir-not-a-resource";

    /// <summary>A resource of another type, or a Bundle of another kind, than was expected.</summary>
    public const string WrongType = "fhir-wrong-type";

    /// <summary>An element we read has another JSON shape than R4 gives it.</summary>
    public const string ElementShape = "fhir-element-shape";
}
