using System.Text.Json;

namespace ReferralService.Packaging.Lines;

/// <summary>Reads a resource's line and categories in one forward pass over its top-level elements.</summary>
internal static class LineReader
{
    /// <param name="categories">The codings of <c>category</c> are added here.</param>
    public static ResourceLine Read(ReadOnlySpan<byte> resource, LineRule rule, List<Category> categories)
    {
        var said = new string?[LineRule.Parts];
        Span<int> ranks = stackalloc int[LineRule.Parts];
        ranks.Fill(int.MaxValue);
        var reader = new Utf8JsonReader(resource);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int part = LineRule.Label;
            bool used = rule.Uses(reader.ValueSpan, ref part, out int rank), category = reader.ValueSpan.SequenceEqual("category"u8);
            var name = reader.ValueSpan;
            reader.Read();
            if (category) ReadCategories(reader, categories);
            if (!used)
            {
                reader.Skip();
                continue;
            }

            string? phrase = Phrase.Read(ref reader);
            for (; phrase is not null && used; part++, used = rule.Uses(name, ref part, out rank))
            {
                if (rank < ranks[part]) (ranks[part], said[part]) = (rank, phrase);
            }
        }

        string? value = said[LineRule.Value], note = said[LineRule.Note];
        if (value == said[LineRule.Label]) value = null;
        return new ResourceLine(
            said[LineRule.Label], said[LineRule.Date], note is null ? value : value is null ? $"({note})" : $"{value} ({note})", said[LineRule.Status]);
    }

    /// <summary>Takes the reader by value: the caller reads the same element again.</summary>
    private static void ReadCategories(Utf8JsonReader reader, List<Category> categories)
    {
        if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject)) return;
        int end = reader.CurrentDepth;
        string? system = null, code = null;
        while (reader.Read() && reader.CurrentDepth > end)
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isSystem = reader.ValueSpan.SequenceEqual("system"u8), isCode = reader.ValueSpan.SequenceEqual("code"u8);
                reader.Read();
                if (reader.TokenType != JsonTokenType.String) continue;
                if (isSystem) system = Phrase.Text(ref reader);
                else if (isCode) code = Phrase.Text(ref reader);
            }
            else if (reader.TokenType == JsonTokenType.EndObject)
            {
                if (code is not null) categories.Add(new Category(system, code));
                system = code = null;
            }
        }
    }
}
