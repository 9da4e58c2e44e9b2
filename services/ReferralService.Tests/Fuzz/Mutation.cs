using System.Text;

namespace ReferralService.Tests.Fuzz;

/// <summary>Real messages with bytes flipped, put in, cut out, doubled, cut off, or joined to another message's.</summary>
internal static class Mutation
{
    private const int LongestInput = 64 << 10;

    /// <summary>What means something to a reader of JSON, FHIR, XML, URLs or dates.</summary>
    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "{", "}", "[", "]", "\"", ",", ":", "null", "true", "-0", "1e400", "1e-999", "9007199254740993", "123456789012345678901234567890", "NaN", "Infinity", "01", "1.", ".5",
            "\\u0000", "\\ud800", "\\udc00", "\\ud83e\\uddea", "\\u0022", "\\", "\\/", "\\u005c", "\0", "\u007f", "\u2028", "\u202e", "\ufeff", "é", "🧪", "/*x*/", "//x\n", "\r\n", "\t",
            "\"resourceType\":", "\"resourceType\":\"Bundle\",", "\"id\":\"../x\",", "\"reference\":\"#\",", "\"reference\":\"ServiceRequest/1\",", "\"url\":", "\"entry\":[", "\"link\":[{\"relation\":\"next\",\"url\":\"x\"}],",
            "{\"resource\":{", "\"contained\":[{", "\"extension\":[{", "\"search\":{\"mode\":\"outcome\"},", "\"response\":{\"status\":\"201\"},", "\"meta\":{\"versionId\":\"1\"},", "\"div\":\"<div><a href='Patient/1'>x</a></div>\",",
            "<a href=\\\"", "<!--", "-->", "<![CDATA[", "]]>", "&amp;", "&#x0;", "&#99999999;", "&lt", "<img src=Patient/1>", "urn:uuid:", "urn:oid:", "http://", "https://ehr.example.org/fhir/", "/_history/", "/../", "%2e%2e", "?", "#", "|", "$", "=", "&",
            "0000", "9999-12-31", "T24:00:00", "Z", "+14:00", "-12:00", "--", "2026-02-30", "00:00:00.0000000000001", "99999.00:00:00",
            "[[[[[[[[[[[[[[[[", "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":", "]]]]]]]]]]]]]]]]", "' OR '1'='1", "%", "_", "<script>", "\u001b[31m",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xef, 0xbb, 0xbf], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x80],
    ];

    /// <param name="corpus">From where another message may come.</param>
    public static byte[] Of(byte[] seed, IReadOnlyList<byte[]> corpus, Dice dice)
    {
        var bytes = seed;
        for (int rounds = 1 + dice.Below(dice.Below(6) == 0 ? 12 : 2); rounds > 0; rounds--) bytes = Once(bytes, corpus, dice);
        return bytes.Length > LongestInput ? bytes[..LongestInput] : bytes;
    }

    private static byte[] Once(byte[] bytes, IReadOnlyList<byte[]> corpus, Dice dice)
    {
        int at = dice.Below(bytes.Length + 1);
        int until = Math.Min(bytes.Length, at + 1 + dice.Below(dice.Below(3) == 0 ? 400 : 8));
        switch (dice.Below(9))
        {
            case 0 when bytes.Length > 0:
                var flipped = bytes.ToArray();
                flipped[at % bytes.Length] ^= (byte)(1 << dice.Below(8));
                return flipped;
            case 1 when bytes.Length > 0:
                var replaced = bytes.ToArray();
                replaced[at % bytes.Length] = (byte)dice.Below(256);
                return replaced;
            case 2:
                return [.. bytes[..at], (byte)dice.Below(256), .. bytes[at..]];
            case 3:
                return [.. bytes[..at], .. bytes[until..]];
            case 4:
                var doubled = Enumerable.Repeat(bytes[at..until], 1 + dice.Below(dice.Below(20) == 0 ? 200 : 4)).SelectMany(part => part);
                return [.. bytes[..at], .. doubled, .. bytes[at..]];
            case 5:
                return bytes[..at];
            case 6:
                var other = dice.Of(corpus);
                return [.. bytes[..at], .. other[dice.Below(other.Length + 1)..]];
            default:
                var word = dice.Of(Words);
                return dice.Below(2) == 0 ? [.. bytes[..at], .. word, .. bytes[at..]] : [.. bytes[..at], .. word, .. bytes[until..]];
        }
    }
}
