using System.Text;
using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.References;

/// <summary>Finds the <c>href</c> and <c>src</c> attributes of a narrative that name a resource. Reads XHTML as it lies in JSON, escapes and all, so that offsets are the bytes' own.</summary>
internal ref struct NarrativeLinks
{
    private readonly ReadOnlySpan<byte> _raw;

    /// <summary>Where the character now in <see cref="_char"/> begins, and where the next one does.</summary>
    private int _at;
    private int _next;

    /// <summary>The character at <see cref="_at"/> when it is ASCII; 0 at the end, 0x80 for any other character.</summary>
    private byte _char;

    private NarrativeLinks(ReadOnlySpan<byte> raw) => _raw = raw;

    /// <param name="raw">The JSON string between its quotes.</param>
    /// <param name="offset">Where that stands in the resource.</param>
    public static void Find(ReadOnlySpan<byte> raw, int offset, string path, List<FoundReference> found)
    {
        var links = new NarrativeLinks(raw);
        while (links.ToNextTag()) links.ReadTag(offset, path, found);
    }

    /// <summary>Moves onto the character after the next <c>&lt;</c>, which some servers write as <c>\u003c</c>.</summary>
    private bool ToNextTag()
    {
        while (_next < _raw.Length)
        {
            int skip = _raw[_next..].IndexOfAny((byte)'<', (byte)'\\');
            if (skip < 0) return false;
            _next += skip;
            Step();
            if (_char != (byte)'<') continue;
            Step();
            return true;
        }

        return false;
    }

    private void ReadTag(int offset, string path, List<FoundReference> found)
    {
        if (_char is (byte)'!' or (byte)'?' or (byte)'/')
        {
            SkipMarkup();
            return;
        }

        while (IsNamePart(_char)) Step();
        while (_char is not (0 or (byte)'>'))
        {
            if (!IsNamePart(_char))
            {
                Step();
                continue;
            }

            int nameStart = _at;
            while (IsNamePart(_char)) Step();
            bool link = IsLink(_raw[nameStart..Math.Min(_at, _raw.Length)]);
            SkipSpace();
            if (_char != (byte)'=') continue;
            Step();
            SkipSpace();
            byte quote = _char;
            if (quote is not ((byte)'"' or (byte)'\'')) continue;
            Step();
            int start = _at;
            while (_char != 0 && _char != quote) Step();
            if (_char == 0) return;
            if (link) Take(start, _at, offset, path, found);
            Step();
        }
    }

    private readonly void Take(int start, int end, int offset, string path, List<FoundReference> found)
    {
        byte[] json = new byte[end - start];
        int length = JsonStrings.Unescape(_raw[start..end], json);
        string text = XmlText.Unescape(Encoding.UTF8.GetString(json, 0, length));
        if (FhirReference.Parse(text).Kind is ReferenceKind.Relative or ReferenceKind.Absolute or ReferenceKind.Urn)
            found.Add(new FoundReference(offset + start, end - start, ReferenceSite.Narrative, text, path));
    }

    /// <summary>Past a comment, a declaration or an end tag: nothing in them is a link.</summary>
    private void SkipMarkup()
    {
        bool comment = false;
        if (_char == (byte)'!')
        {
            Step();
            if (_char == (byte)'-')
            {
                Step();
                comment = _char == (byte)'-';
                if (comment) Step();
            }
        }

        for (int dashes = 0; _char != 0; Step())
        {
            if (_char == (byte)'>' && (!comment || dashes >= 2)) return;
            dashes = _char == (byte)'-' ? dashes + 1 : 0;
        }
    }

    private void SkipSpace()
    {
        while (_char is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') Step();
    }

    private void Step()
    {
        _at = _next;
        if (_at >= _raw.Length)
        {
            _char = 0;
            return;
        }

        byte first = _raw[_at];
        if (first == (byte)'\\')
        {
            Span<byte> text = stackalloc byte[4];
            JsonStrings.UnescapeOne(_raw[_at..], text, out int used);
            _char = text[0] < 0x80 ? text[0] : (byte)0x80;
            _next = _at + used;
            return;
        }

        _char = first < 0x80 ? first : (byte)0x80;
        _next = _at + 1;
    }

    private static bool IsNamePart(byte c) => char.IsAsciiLetterOrDigit((char)c) || c is (byte)'-' or (byte)'_' or (byte)':' or (byte)'.' or 0x80;

    private static bool IsLink(ReadOnlySpan<byte> rawName)
    {
        if (rawName.Length > 4 * 6) return false;
        Span<byte> name = stackalloc byte[rawName.Length];
        name = name[..JsonStrings.Unescape(rawName, name)];
        return Ascii.EqualsIgnoreCase(name, "href"u8) || Ascii.EqualsIgnoreCase(name, "src"u8);
    }
}
