namespace ReferralService.Gathering.Files;

/// <summary>Takes base64 out of a JSON string piece by piece: white space left out (R4 datatypes.html#base64Binary allows it), escapes undone. A piece may end anywhere.</summary>
internal sealed class Base64Text
{
    private readonly byte[] _escape = new byte[6];
    private int _length;

    /// <summary>A piece ended within an escape.</summary>
    public bool IsOpen => _length > 0;

    /// <param name="into">As long as the text at least.</param>
    /// <returns>How many bytes were written there; -1: an escape of what stands in no base64.</returns>
    public int Take(ReadOnlySpan<byte> text, Span<byte> into)
    {
        int written = 0;
        while (!text.IsEmpty)
        {
            if (_length == 0)
            {
                int plain = text.IndexOfAny(" \t\r\n\\"u8);
                if (plain < 0) plain = text.Length;
                text[..plain].CopyTo(into[written..]);
                written += plain;
                text = text[plain..];
                if (text.IsEmpty) break;
                if (text[0] == (byte)'\\') _escape[_length++] = text[0];
            }
            else
            {
                _escape[_length++] = text[0];
                if (_length == (_escape[1] == (byte)'u' ? 6 : 2))
                {
                    if (!Undo(out byte? meant)) return -1;
                    if (meant is { } one) into[written++] = one;
                    _length = 0;
                }
            }

            text = text[1..];
        }

        return written;
    }

    /// <param name="meant">Null: white space.</param>
    private bool Undo(out byte? meant)
    {
        int code = _escape[1] switch
        {
            (byte)'/' => '/',
            (byte)'n' or (byte)'r' or (byte)'t' => ' ',
            (byte)'u' => (Digit(_escape[2]) << 12) | (Digit(_escape[3]) << 8) | (Digit(_escape[4]) << 4) | Digit(_escape[5]),
            _ => -1,
        };
        meant = code is ' ' or '\t' or '\r' or '\n' ? null : (byte)code;
        return code is >= 0 and < 128;
    }

    private static int Digit(byte hex) => char.IsAsciiHexDigit((char)hex) ? Convert.ToInt32($"{(char)hex}", 16) : -1;
}
