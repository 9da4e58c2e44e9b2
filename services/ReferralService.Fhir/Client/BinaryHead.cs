using System.Buffers;
using System.Text.Json;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Fhir.Client;

/// <summary>The beginning of a Binary up to the quote that opens its <c>data</c>: what its server says of it, as it says it, and what only we know.</summary>
internal static class BinaryHead
{
    /// <param name="bare">The same Binary as its server gives it without its bytes; null: it says nothing.</param>
    /// <param name="contentType">Written where <paramref name="bare"/> does not tell one.</param>
    /// <param name="securityContext">A reference; the same. Null: none is told.</param>
    public static ReadOnlyMemory<byte> Of(RawResource? bare, string? id, string contentType, string? securityContext)
    {
        var head = new ArrayBufferWriter<byte>();
        bool typed = false, guarded = false;
        if (bare is null)
        {
            head.Write("{\"resourceType\":\"Binary\""u8);
            if (id is not null) Member(head, ",\"id\":"u8, id);
        }
        else
        {
            (typed, guarded) = CopyMembers(bare.Utf8.Span, head);
        }

        if (!typed) Member(head, ",\"contentType\":"u8, contentType);
        if (!guarded && securityContext is not null)
        {
            Member(head, ",\"securityContext\":{\"reference\":"u8, securityContext);
            head.Write("}"u8);
        }

        head.Write(",\"data\":\""u8);
        return head.WrittenMemory;
    }

    /// <summary>The media type it tells of itself; null: none.</summary>
    public static string? TypeOf(RawResource bare)
    {
        var reader = new Utf8JsonReader(bare.Utf8.Span, JsonGuard.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool type = reader.ValueTextEquals("contentType"u8);
            reader.Read();
            if (type) return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            reader.Skip();
        }

        return null;
    }

    /// <summary>Every member byte for byte, but for a <c>data</c> that says nothing. Tells whether a contentType and a securityContext are among them.</summary>
    private static (bool Typed, bool Guarded) CopyMembers(ReadOnlySpan<byte> bare, ArrayBufferWriter<byte> head)
    {
        bool typed = false, guarded = false;
        var reader = new Utf8JsonReader(bare, JsonGuard.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int start = (int)reader.TokenStartIndex;
            bool data = reader.ValueTextEquals("data"u8), type = reader.ValueTextEquals("contentType"u8), guard = reader.ValueTextEquals("securityContext"u8);
            reader.Read();
            bool none = reader.TokenType == JsonTokenType.Null;
            reader.Skip();
            if (data || ((type || guard) && none)) continue;
            typed |= type;
            guarded |= guard;
            head.Write(head.WrittenCount == 0 ? "{"u8 : ","u8);
            head.Write(bare[start..(int)reader.BytesConsumed]);
        }

        return (typed, guarded);
    }

    private static void Member(ArrayBufferWriter<byte> head, ReadOnlySpan<byte> name, string value)
    {
        head.Write(name);
        JsonStrings.WriteQuoted(head, value);
    }
}
