using System.Text;

namespace ReferralService.Fhir.Json;

/// <summary>Texts that come again and again, each made once: a record has tens of thousands of references in a few hundred different words. Safe from several threads.</summary>
public sealed class SharedTexts
{
    /// <summary>Bytes up to which a text is looked for before it is made.</summary>
    private const int MostLooked = 256;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public SharedTexts() => _lookup = _texts.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <param name="utf8">Escapes undone.</param>
    public string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "";
        if (utf8.Length > MostLooked) return Of(Encoding.UTF8.GetString(utf8));
        Span<char> text = stackalloc char[MostLooked];
        text = text[..Encoding.UTF8.GetChars(utf8, text)];
        lock (_lock)
        {
            if (_lookup.TryGetValue(text, out var known)) return known;
            var made = new string(text);
            _texts.Add(made);
            return made;
        }
    }

    public string Of(string text)
    {
        lock (_lock)
        {
            if (_texts.TryGetValue(text, out var known)) return known;
            _texts.Add(text);
            return text;
        }
    }
}
