using System.Text.Json;
using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Validation;

/// <summary>One object, asked for single elements: for rules on what we write ourselves. What stands in an element is passed over in one step.</summary>
/// <param name="element">On the object's opening brace; anything else has no elements.</param>
internal readonly ref struct ElementSlice(TokenReader element)
{
    private readonly TokenReader _element = element;

    /// <summary>Where it begins in what is checked.</summary>
    public long At => _element.TokenStartIndex;

    /// <summary>Whether the element is there, be it only as <c>_name</c>.</summary>
    public bool Has(ReadOnlySpan<byte> name) => Find(name, beside: true, choice: false, out _);

    /// <summary>Whether the choice of this stem is there, in whatever type.</summary>
    public bool HasChoice(ReadOnlySpan<byte> stem) => Find(stem, beside: true, choice: true, out _);

    /// <summary>A string's text; null when there is none.</summary>
    public string? Text(ReadOnlySpan<byte> name)
        => Find(name, beside: false, choice: false, out var reader) && reader.TokenType == JsonTokenType.String && JsonStrings.IsText(reader.ValueSpan, reader.ValueIsEscaped)
            ? reader.GetString()
            : null;

    /// <summary>A number; null when there is none, or none that a decimal can hold.</summary>
    public decimal? Number(ReadOnlySpan<byte> name)
        => Find(name, beside: false, choice: false, out var reader) && reader.TokenType == JsonTokenType.Number && reader.TryGetDecimal(out decimal value) ? value : null;

    /// <summary>A number's digits as written; empty when there is none.</summary>
    public ReadOnlySpan<byte> Digits(ReadOnlySpan<byte> name)
        => Find(name, beside: false, choice: false, out var reader) && reader.TokenType == JsonTokenType.Number ? reader.ValueSpan : [];

    /// <summary>An object of its own; one without elements when there is none.</summary>
    public ElementSlice Child(ReadOnlySpan<byte> name)
    {
        if (!Find(name, beside: false, choice: false, out var reader) || reader.TokenType != JsonTokenType.StartObject) return default;
        return new ElementSlice(reader);
    }

    /// <summary>The texts of a list.</summary>
    public List<string> Texts(ReadOnlySpan<byte> name)
    {
        var texts = new List<string>();
        if (!Find(name, beside: false, choice: false, out var reader) || reader.TokenType != JsonTokenType.StartArray) return texts;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String && JsonStrings.IsText(reader.ValueSpan, reader.ValueIsEscaped)) texts.Add(reader.GetString()!);
            else reader.Skip();
        }

        return texts;
    }

    /// <summary>Leaves the reader on the value.</summary>
    private bool Find(ReadOnlySpan<byte> name, bool beside, bool choice, out TokenReader reader)
    {
        reader = _element;
        if (reader.TokenType != JsonTokenType.StartObject) return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueSpan;
            if (beside && found.Length > 0 && found[0] == (byte)'_') found = found[1..];
            bool same = choice
                ? found.Length > name.Length && found.StartsWith(name) && char.IsAsciiLetterUpper((char)found[name.Length])
                : found.SequenceEqual(name);
            reader.Read();
            if (same) return true;
            reader.Skip();
        }

        return false;
    }
}
