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
        int most = reader.ValueSpan.Length;
        if (most <= 512)
        {
            Span<char> few = stackalloc char[512];
            return ReadableText.Of(few[..reader.CopyString(few)]);
        }

        char[] many = ArrayPool<char>.Shared.Rent(most);
        try
        {
            return ReadableText.Of(many.AsSpan(0, reader.CopyString(many)));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(many, clearArray: true);
        }
    }

    private static string? List(ref Utf8JsonReader reader, string separator)
    {
        string? first = null;
        List<string>? said = null;
        bool more = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (said?.Count >= MaxItems)
            {
                reader.Skip();
                more = true;
            }
            else if (Read(ref reader) is { } item && item != first)
            {
                if (first is null) first = item;
                else if ((said ??= [first]).Contains(item) is false) said.Add(item);
            }
        }

        return said is null ? first : ReadableText.Cut(string.Join(separator, said) + (more ? separator + "…" : ""));
    }
}
