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
    public static ReadOnlyMemory<byte> Of(RawResource? bare, string? id, string contentType)
    {
        var head = new ArrayBufferWriter<byte>();
        bool typed = false;
        if (bare is null)
        {
            head.Write("{\"resourceType\":\"Binary\""u8);
            if (id is not null) Member(head, ",\"id\":"u8, id);
        }
        else
        {
            typed = CopyMembers(bare.Utf8.Span, head);
        }

        if (!typed) Member(head, ",\"contentType\":"u8, contentType);
        head.Write(",\"data\":\""u8);
        return head.WrittenMemory;
    }

    /// <summary>Every member byte for byte, but for a <c>data</c> that says nothing. True: a contentType is among them.</summary>
    private static bool CopyMembers(ReadOnlySpan<byte> bare, ArrayBufferWriter<byte> head)
    {
        bool typed = false;
        var reader = new Utf8JsonReader(bare, JsonGuard.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int start = (int)reader.TokenStartIndex;
            bool data = reader.ValueTextEquals("data"u8), type = reader.ValueTextEquals("contentType"u8);
            reader.Read();
            bool none = reader.TokenType == JsonTokenType.Null;
            reader.Skip();
            if (data || (type && none)) continue;
            typed |= type;
            head.Write(head.WrittenCount == 0 ? "{"u8 : ","u8);
            head.Write(bare[start..(int)reader.BytesConsumed]);
        }

        return typed;
    }

    private static void Member(ArrayBufferWriter<byte> head, ReadOnlySpan<byte> name, string value)
    {
        head.Write(name);
        JsonStrings.WriteQuoted(head, value);
    }
}
