using System.Text.Json;
using ReferralService.Fhir.Json;

namespace ReferralService.Packaging.Lines;

/// <summary>The parts of one JSON object that may be said, whatever datatype it is; R4's names mean the same wherever they stand.</summary>
internal ref struct PhraseParts
{
    private Said _text, _display, _title, _coding, _code, _codeConcept, _value, _comparator, _unit, _start, _end, _low, _high;
    private Said _numerator, _denominator, _nested, _given, _family, _absent;

    public static Said Read(ref TokenReader reader, SpokenText words)
    {
        var parts = new PhraseParts();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) parts.Take(ref reader, words);
        return parts.Say(words) is { IsNothing: false } said ? ReadableText.Cut(said, words) : default;
    }

    private void Take(ref TokenReader reader, SpokenText words)
    {
        var name = reader.ValueSpan;
        if (name.SequenceEqual("text"u8)) _text = Text(ref reader, words);
        else if (name.SequenceEqual("display"u8)) _display = Text(ref reader, words);
        else if (name.SequenceEqual("title"u8)) _title = Text(ref reader, words);
        else if (name.SequenceEqual("coding"u8)) _coding = First(ref reader, words);
        else if (name.SequenceEqual("code"u8)) TakeCode(ref reader, words);
        else if (name.SequenceEqual("comparator"u8)) _comparator = Text(ref reader, words);
        else if (name.SequenceEqual("unit"u8)) _unit = Text(ref reader, words);
        else if (name.SequenceEqual("start"u8)) _start = Day(ref reader, words);
        else if (name.SequenceEqual("end"u8)) _end = Day(ref reader, words);
        else if (name.SequenceEqual("low"u8)) _low = Nested(ref reader, words);
        else if (name.SequenceEqual("high"u8)) _high = Nested(ref reader, words);
        else if (name.SequenceEqual("numerator"u8)) _numerator = Nested(ref reader, words);
        else if (name.SequenceEqual("denominator"u8)) _denominator = Nested(ref reader, words);
        else if (name.SequenceEqual("given"u8)) _given = Nested(ref reader, words, " "u8);
        else if (name.SequenceEqual("family"u8)) _family = Text(ref reader, words);
        else if (name.SequenceEqual("attachment"u8) || name.SequenceEqual("manifestation"u8) || name.SequenceEqual("concept"u8)) _nested = Nested(ref reader, words);
        else if (name.SequenceEqual("dataAbsentReason"u8)) _absent = Nested(ref reader, words);
        else if (name.StartsWith("value"u8)) _value = Nested(ref reader, words);
        else reader.Skip();
    }

    /// <summary>A code by itself belongs to a Coding or a Quantity; a concept under that name to a component, which has a value beside it.</summary>
    private void TakeCode(ref TokenReader reader, SpokenText words)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) _code = ReadableText.Of(in reader, words);
        else _codeConcept = Phrase.Read(ref reader, words);
    }

    private readonly Said Say(SpokenText words)
    {
        if (!_text.IsNothing) return _text;
        if (!_coding.IsNothing) return _coding;
        if (!_codeConcept.IsNothing) return (_value.IsNothing ? _absent : _value) is { IsNothing: false } value ? Join(words, _codeConcept, " "u8, value) : _codeConcept;
        if (!_value.IsNothing) return Quantity(words);
        if (!_display.IsNothing) return _display;
        if (!_title.IsNothing) return _title;
        if (!_start.IsNothing || !_end.IsNothing) return words.AreSame(_start, _end) ? _start : Join(words, _start, " – "u8, _end);
        if (!_low.IsNothing || !_high.IsNothing) return Join(words, _low, " – "u8, _high);
        if (!_numerator.IsNothing) return Join(words, _numerator, " / "u8, _denominator);
        if (!_given.IsNothing || !_family.IsNothing) return Join(words, _given, " "u8, _family);
        return _nested.IsNothing ? _code : _nested;
    }

    private readonly Said Quantity(SpokenText words)
    {
        int at = words.Length;
        words.Add(_comparator);
        words.Add(_value);
        if (!_unit.IsNothing || !_code.IsNothing)
        {
            words.Add(" "u8);
            words.Add(_unit.IsNothing ? _code : _unit);
        }

        return words.Since(at);
    }

    private static Said Join(SpokenText words, Said one, ReadOnlySpan<byte> between, Said other)
    {
        int at = words.Length;
        words.Add(one);
        words.Add(between);
        words.Add(other);
        return words.Since(at);
    }

    private static Said Text(ref TokenReader reader, SpokenText words)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return ReadableText.Of(in reader, words);
        reader.Skip();
        return default;
    }

    private static Said Day(ref TokenReader reader, SpokenText words)
        => Text(ref reader, words) is { IsNothing: false } date ? DateText.Of(date, words) : default;

    private static Said Nested(ref TokenReader reader, SpokenText words) => Nested(ref reader, words, "; "u8);

    private static Said Nested(ref TokenReader reader, SpokenText words, ReadOnlySpan<byte> separator)
    {
        reader.Read();
        return Phrase.Read(ref reader, words, separator);
    }

    /// <summary>Of several codings the first that says something: the others say the same in other systems.</summary>
    private static Said First(ref TokenReader reader, SpokenText words)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return default;
        }

        Said first = default;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (first.IsNothing) first = Phrase.Read(ref reader, words);
            else reader.Skip();
        }

        return first;
    }
}
