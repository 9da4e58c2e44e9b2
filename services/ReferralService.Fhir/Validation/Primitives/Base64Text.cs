using System.Buffers;

namespace ReferralService.Fhir.Validation.Primitives;

/// <summary>Base64 as R4 has it: the standard alphabet, padded, white space anywhere (RFC 4648 and datatypes.html#base64Binary).</summary>
internal static class Base64Text
{
    private static readonly SearchValues<byte> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8);

    public static bool IsWhole(ReadOnlySpan<byte> text)
    {
        long characters = 0;
        int padding = 0;
        while (text.Length > 0)
        {
            // In one stride to what is no letter: attachments are megabytes of letters.
            int run = text.IndexOfAnyExcept(Alphabet);
            if (run < 0) run = text.Length;
            if (run > 0 && padding > 0) return false;
            characters += run;
            text = text[run..];
            if (text.IsEmpty) break;
            if (text[0] == (byte)'=') padding++;
            else if (text[0] is not ((>= 9 and <= 13) or (byte)' ')) return false;
            text = text[1..];
        }

        return padding <= 2 && characters > 0 && (characters + padding) % 4 == 0;
    }
}
