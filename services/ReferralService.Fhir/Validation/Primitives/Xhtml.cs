using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace ReferralService.Fhir.Validation.Primitives;

/// <summary>What a narrative may be (narrative.html): one XHTML <c>div</c>, well formed, of the allowed elements and attributes (txt-1), with something to see in it (txt-2).</summary>
internal ref struct Xhtml
{
    private const int Deepest = 256;

    private static readonly FrozenSet<string> Elements = """
        h1 h2 h3 h4 h5 h6 div p span a b i u s em strong small big tt br hr ul ol li dl dt dd table caption colgroup col thead tbody tfoot tr td th
        pre blockquote q img sup sub code cite address abbr acronym dfn samp kbd var center map area bdo ins del font
        """.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Known = Elements.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly SearchValues<byte> White = SearchValues.Create(" \t\r\n"u8);

    private ReadOnlySpan<byte> _rest;
    private bool _hasContent;
    private bool _isAllowed = true;

    private Xhtml(ReadOnlySpan<byte> text) => _rest = text;

    /// <summary>The key of the rule that a narrative's <c>div</c> breaks; null when it breaks none.</summary>
    /// <param name="text">Escapes undone.</param>
    /// <param name="wellFormed">False when it is not even one well-formed XML element named <c>div</c> in XHTML's namespace.</param>
    public static string? Broken(ReadOnlySpan<byte> text, out bool wellFormed)
    {
        var markup = new Xhtml(text.Trim(" \t\r\n"u8));
        wellFormed = markup.Document();
        if (!wellFormed || !markup._isAllowed) return "txt-1";
        return markup._hasContent ? null : "txt-2";
    }

    private bool Document()
    {
        if (!_rest.StartsWith("<div"u8) || _rest.Length < 5 || _rest[4] is not ((byte)' ' or (byte)'>' or (byte)'/' or (byte)'\n' or (byte)'\r' or (byte)'\t')) return false;
        Span<int> open = stackalloc int[Deepest];
        var whole = _rest;
        int depth = 0;
        bool spaced = false;
        do
        {
            if (!Text(depth)) return false;
            if (_rest.IsEmpty) return false;
            int at = whole.Length - _rest.Length;
            if (_rest.StartsWith("<!--"u8))
            {
                int end = _rest[4..].IndexOf("-->"u8);
                if (end < 0) return false;
                _rest = _rest[(end + 7)..];
            }
            else if (_rest.StartsWith("<![CDATA["u8))
            {
                int end = _rest.IndexOf("]]>"u8);
                if (end < 0) return false;
                if (_rest[9..end].ContainsAnyExcept(White)) _hasContent = true;
                _rest = _rest[(end + 3)..];
            }
            else if (_rest.StartsWith("</"u8))
            {
                var name = Name(_rest[2..]);
                if (!name.SequenceEqual(Name(whole[(open[--depth] + 1)..]))) return false;
                _rest = _rest[(2 + name.Length)..].TrimStart(" \t\r\n"u8);
                if (_rest.IsEmpty || _rest[0] != (byte)'>') return false;
                _rest = _rest[1..];
            }
            else
            {
                if (depth == Deepest) return false;
                if (!Tag(ref spaced, out bool closed)) return false;
                if (!closed) open[depth++] = at;
                if (at == 0 && !spaced) return false;
            }
        }
        while (depth > 0);
        return _rest.IsEmpty;
    }

    /// <summary>Passes text up to the next markup; entities must be XML's or XHTML's, by name or number.</summary>
    private bool Text(int depth)
    {
        int end = _rest.IndexOf((byte)'<');
        if (end < 0) return false;
        var text = _rest[..end];
        if (depth > 0 && text.ContainsAnyExcept(White)) _hasContent = true;
        _rest = _rest[end..];
        return EntitiesEnd(text);
    }

    private static bool EntitiesEnd(ReadOnlySpan<byte> text)
    {
        for (int at; (at = text.IndexOf((byte)'&')) >= 0;)
        {
            text = text[(at + 1)..];
            int end = text.IndexOf((byte)';');
            if (end is < 1 or > 10) return false;
            foreach (byte b in text[..end])
                if (!char.IsAsciiLetterOrDigit((char)b) && b != (byte)'#') return false;
            text = text[(end + 1)..];
        }

        return true;
    }

    private bool Tag(ref bool inNamespace, out bool closed)
    {
        closed = false;
        var name = Name(_rest[1..]);
        if (name.IsEmpty) return false;
        if (!IsKnown(name)) _isAllowed = false;
        if (name.SequenceEqual("img"u8)) _hasContent = true;
        _rest = _rest[(1 + name.Length)..];
        while (true)
        {
            int white = _rest.IndexOfAnyExcept(White);
            if (white < 0) return false;
            bool parted = white > 0;
            _rest = _rest[white..];
            if (_rest[0] == (byte)'>' || _rest.StartsWith("/>"u8))
            {
                closed = _rest[0] == (byte)'/';
                _rest = _rest[(closed ? 2 : 1)..];
                return true;
            }

            if (!parted || !Attribute(ref inNamespace)) return false;
        }
    }

    private bool Attribute(ref bool inNamespace)
    {
        var name = Name(_rest);
        if (name.IsEmpty) return false;
        _rest = _rest[name.Length..].TrimStart(" \t\r\n"u8);
        if (_rest.IsEmpty || _rest[0] != (byte)'=') return false;
        _rest = _rest[1..].TrimStart(" \t\r\n"u8);
        if (_rest.IsEmpty || _rest[0] is not ((byte)'"' or (byte)'\'')) return false;
        int end = _rest[1..].IndexOf(_rest[0]);
        if (end < 0) return false;
        var value = _rest.Slice(1, end);
        _rest = _rest[(end + 2)..];
        if (value.Contains((byte)'<') || !EntitiesEnd(value)) return false;
        if (name.SequenceEqual("xmlns"u8)) inNamespace |= value.SequenceEqual("http://www.w3.org/1999/xhtml"u8);
        // Event handlers and scripts are what txt-1 is about.
        if (name.StartsWith("on"u8) || Ascii.EqualsIgnoreCase(value[..Math.Min(value.Length, 11)], "javascript:"u8)) _isAllowed = false;
        return true;
    }

    private static bool IsKnown(ReadOnlySpan<byte> name)
    {
        if (name.Length > 10) return false;
        Span<char> text = stackalloc char[10];
        for (int i = 0; i < name.Length; i++) text[i] = (char)name[i];
        return Known.Contains(text[..name.Length]);
    }

    private static ReadOnlySpan<byte> Name(ReadOnlySpan<byte> text)
    {
        int length = 0;
        while (length < text.Length && (char.IsAsciiLetterOrDigit((char)text[length]) || text[length] is (byte)':' or (byte)'-' or (byte)'_' or (byte)'.' or >= 0x80)) length++;
        return text[..length];
    }
}
