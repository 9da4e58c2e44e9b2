using System.Text.Json;

namespace ReferralService.Fhir.Json;

/// <summary>One token of a body, in twelve bytes: a record is read token by token, and a list of them is about as long as the body.</summary>
internal struct JsonToken
{
    /// <summary>Of its first byte in the body; of a string and a name that is the quote.</summary>
    public int Start;

    /// <summary>Bytes of the value, between the quotes if it has some; of a container's begin and end the place of the other one in the list.</summary>
    public int Extent;

    public JsonTokenType Kind;

    /// <summary>As <see cref="Utf8JsonReader.CurrentDepth"/> counts.</summary>
    public byte Depth;

    /// <summary>There are escapes in the string or name.</summary>
    public bool IsEscaped;
}
