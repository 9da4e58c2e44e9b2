using System.Runtime.CompilerServices;
using System.Text.Json;
using ReferralService.Fhir.Json;

namespace ReferralService.Packaging.Lines;

/// <summary>Says any R4 datatype in a few words: a concept by its text or display, a quantity with its unit, a period by its ends.</summary>
/// <remarks>Tolerant: what has another shape than R4 gives it is passed over, for it is the sender's to mend and travels untouched.</remarks>
internal static class Phrase
{
    private const int MaxItems = 5;

    [InlineArray(MaxItems)]
    private struct Items
    {
        private Said _first;
    }

    /// <summary>Reads the value the reader stands on, to its end.</summary>
    public static Said Read(ref TokenReader reader, SpokenText words) => Read(ref reader, words, "; "u8);

    public static Said Read(ref TokenReader reader, SpokenText words, ReadOnlySpan<byte> separator) => reader.TokenType switch
    {
        JsonTokenType.String => ReadableText.Of(in reader, words),
        JsonTokenType.Number => ReadableText.Of(reader.ValueSpan, words),
        JsonTokenType.True => words.Add("yes"u8),
        JsonTokenType.False => words.Add("no"u8),
        JsonTokenType.StartArray => List(ref reader, words, separator),
        JsonTokenType.StartObject => PhraseParts.Read(ref reader, words),
        _ => default,
    };

    /// <summary>Each item once, the first five that say something.</summary>
    private static Said List(ref TokenReader reader, SpokenText words, ReadOnlySpan<byte> separator)
    {
        Items items = default;
        Span<Said> said = items;
        int count = 0;
        bool more = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (count >= MaxItems)
            {
                reader.Skip();
                more = true;
            }
            else if (Read(ref reader, words, separator) is { IsNothing: false } item && !Has(said[..count], item, words))
            {
                said[count++] = item;
            }
        }

        if (count <= 1) return said[0];
        int at = words.Length;
        for (int i = 0; i < count; i++)
        {
            if (i > 0) words.Add(separator);
            words.Add(said[i]);
        }

        if (more)
        {
            words.Add(separator);
            words.Add("…"u8);
        }

        return ReadableText.Cut(words.Since(at), words);
    }

    private static bool Has(ReadOnlySpan<Said> said, Said item, SpokenText words)
    {
        foreach (var one in said)
        {
            if (words.AreSame(one, item)) return true;
        }

        return false;
    }
}
