using ReferralService.Fhir.Errors;

namespace ReferralService.Fhir.Json;

/// <summary>Tells by the first byte what a body is that is no FHIR JSON at all.</summary>
internal static class FirstByte
{
    /// <exception cref="FhirFormatException">Empty, markup, or a byte order mark first.</exception>
    public static void MustBeginJson(ReadOnlySpan<byte> body)
    {
        var text = body.TrimStart(" \t\r\n"u8);
        if (text.IsEmpty) throw NotJson("The body is empty; FHIR JSON was expected.");
        // JSON begins with ASCII; 0xEF is the mark's first byte.
        if (text[0] == 0xEF)
            throw new FhirFormatException(FormatCode.JsonEncoding, "structure", null, "The body begins with a byte order mark, which JSON does not allow.");
        if (text[0] == (byte)'<') throw NotJson("The body is a web page or XML, not FHIR JSON: look at the address, the login and the Accept header.");
    }

    private static FhirFormatException NotJson(string message) => new(FormatCode.NotJson, "structure", null, message);
}
