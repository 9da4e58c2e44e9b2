using System.Text.Json;
using ReferralService.Fhir.Json;

namespace ReferralService.Packaging.Lines;

/// <summary>Reads a resource's line and categories in one forward pass over its top-level elements.</summary>
internal static class LineReader
{
    /// <param name="resource">Before its first token.</param>
    /// <param name="categories">The codings of <c>category</c> are added here.</param>
    /// <param name="words">Takes what is said, and on the way more than that.</param>
    public static ResourceLine Read(TokenReader resource, LineRule rule, List<Category> categories, SpokenText words)
    {
        Span<Said> said = stackalloc Said[LineRule.Parts];
        Span<int> ranks = stackalloc int[LineRule.Parts];
        said.Clear();
        ranks.Fill(int.MaxValue);
        var reader = resource;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int part = LineRule.Label;
            var name = reader.ValueSpan;
            bool used = rule.Uses(name, ref part, out int rank), category = name.SequenceEqual("category"u8);
            reader.Read();
            if (category) ReadCategories(reader, categories, words);
            if (!used)
            {
                reader.Skip();
                continue;
            }

            var phrase = Phrase.Read(ref reader, words);
            for (; !phrase.IsNothing && used; part++, used = rule.Uses(name, ref part, out rank))
            {
                if (rank < ranks[part]) (ranks[part], said[part]) = (rank, phrase);
            }
        }

        Said value = said[LineRule.Value], note = said[LineRule.Note];
        if (!value.IsNothing && words.AreSame(value, said[LineRule.Label])) value = default;
        return new ResourceLine(said[LineRule.Label], said[LineRule.Date], note.IsNothing ? value : Noted(value, note, words), said[LineRule.Status]);
    }

    private static Said Noted(Said value, Said note, SpokenText words)
    {
        int at = words.Length;
        words.Add(value);
        words.Add(value.IsNothing ? "("u8 : " ("u8);
        words.Add(note);
        words.Add(")"u8);
        return words.Since(at);
    }

    /// <summary>Takes the reader by value: the caller reads the same element again.</summary>
    private static void ReadCategories(TokenReader reader, List<Category> categories, SpokenText words)
    {
        if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject)) return;
        int end = reader.CurrentDepth;
        Said system = default, code = default;
        while (reader.Read() && reader.CurrentDepth > end)
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isSystem = reader.ValueSpan.SequenceEqual("system"u8), isCode = reader.ValueSpan.SequenceEqual("code"u8);
                reader.Read();
                if (reader.TokenType != JsonTokenType.String) continue;
                if (isSystem) system = ReadableText.Of(in reader, words);
                else if (isCode) code = ReadableText.Of(in reader, words);
            }
            else if (reader.TokenType == JsonTokenType.EndObject)
            {
                if (!code.IsNothing) categories.Add(new Category(system, code));
                system = code = default;
            }
        }
    }
}
