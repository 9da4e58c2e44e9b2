using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ReferralService.Packaging.Lines;

/// <summary>Says any R4 datatype in a few words: a concept by its text or display, a quantity with its unit, a period by its ends.</summary>
/// <remarks>Tolerant: what has another shape than R4 gives it is passed over, for it is the sender's to mend and travels untouched.</remarks>
internal static class Phrase
{
    private const int MaxItems = 5;

    /// <summary>Reads the value the reader stands on, to its end; null when there is nothing to say.</summary>
    public static string? Read(ref Utf8JsonReader reader, string separator = "; ") => reader.TokenType switch
    {
        JsonTokenType.String => Text(ref reader),
        JsonTokenType.Number => ReadableText.Of(Encoding.ASCII.GetString(reader.ValueSpan)),
        JsonTokenType.True => "yes",
        JsonTokenType.False => "no",
        JsonTokenType.StartArray => List(ref reader, separator),
        JsonTokenType.StartObject => PhraseParts.Read(ref reader),
        _ => null,
    };

    /// <summary>A string cut to what a cell holds; a huge one never becomes a string of its own.</summary>
    public static string? Text(ref Utf8JsonReader reader)
    {
        char[] characters = ArrayPool<char>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            return ReadableText.Of(characters.AsSpan(0, reader.CopyString(characters)));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters, clearArray: true);
        }
    }

    private static string? List(ref Utf8JsonReader reader, string separator)
    {
        var said = new List<string>();
        bool more = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (said.Count == MaxItems)
            {
                reader.Skip();
                more = true;
            }
            else if (Read(ref reader) is { } item && !said.Contains(item))
            {
                said.Add(item);
            }
        }

        return said.Count == 0 ? null : ReadableText.Of(string.Join(separator, said) + (more ? separator + "…" : ""));
    }
}
