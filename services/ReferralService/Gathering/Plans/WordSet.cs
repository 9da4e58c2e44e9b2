using System.Text;

namespace ReferralService.Gathering.Plans;

/// <summary>Words and phrases looked for in what people wrote beside or instead of codes: whole words, case and punctuation aside.</summary>
/// <param name="phrases">A trailing <c>*</c> takes any ending of the last word: <c>haematur*</c>.</param>
internal sealed class WordSet(IReadOnlyList<string> phrases)
{
    public static readonly WordSet None = new([]);

    private readonly string[] _needles = [.. phrases.Select(Needle)];

    public bool IsEmpty => _needles.Length == 0;

    public bool FoundIn(IReadOnlyList<string> texts) => _needles.Length > 0 && FoundInWords([.. texts.Select(Words)]);

    /// <param name="words">Texts as <see cref="Words"/> gives them.</param>
    public bool FoundInWords(ReadOnlySpan<string> words)
    {
        foreach (var text in words)
        {
            foreach (var needle in _needles)
            {
                if (text.Contains(needle, StringComparison.Ordinal)) return true;
            }
        }

        return false;
    }

    /// <summary>Whether something is left of it to look for.</summary>
    public static bool HasWord(string phrase) => phrase.Any(char.IsLetterOrDigit);

    private static string Needle(string phrase)
    {
        var words = Words(phrase);
        return phrase.EndsWith('*') ? words[..^1] : words;
    }

    /// <summary>Letters and digits in lower case, one blank between words and at both ends.</summary>
    public static string Words(string text)
    {
        var words = new StringBuilder(text.Length + 2).Append(' ');
        foreach (var c in text)
        {
            if (char.IsLetterOrDigit(c)) words.Append(char.ToLowerInvariant(c));
            else if (words[^1] != ' ') words.Append(' ');
        }

        return (words[^1] == ' ' ? words : words.Append(' ')).ToString();
    }
}
