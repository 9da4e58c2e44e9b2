using System.Text.Json;

namespace ReferralService.Packaging.Lines;

/// <summary>The parts of one JSON object that may be said, whatever datatype it is; R4's names mean the same wherever they stand.</summary>
internal ref struct PhraseParts
{
    private string? _text, _display, _title, _coding, _code, _codeConcept, _value, _comparator, _unit, _start, _end, _low, _high;
    private string? _numerator, _denominator, _nested, _given, _family, _absent;

    public static string? Read(ref Utf8JsonReader reader)
    {
        var parts = new PhraseParts();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) parts.Take(ref reader);
        return parts.Say() is { } said ? ReadableText.Cut(said) : null;
    }

    private void Take(ref Utf8JsonReader reader)
    {
        if (Is(ref reader, "text"u8)) _text = Text(ref reader);
        else if (Is(ref reader, "display"u8)) _display = Text(ref reader);
        else if (Is(ref reader, "title"u8)) _title = Text(ref reader);
        else if (Is(ref reader, "coding"u8)) _coding = First(ref reader);
        else if (Is(ref reader, "code"u8)) TakeCode(ref reader);
        else if (Is(ref reader, "comparator"u8)) _comparator = Text(ref reader);
        else if (Is(ref reader, "unit"u8)) _unit = Text(ref reader);
        else if (Is(ref reader, "start"u8)) _start = DateText.Of(Text(ref reader));
        else if (Is(ref reader, "end"u8)) _end = DateText.Of(Text(ref reader));
        else if (Is(ref reader, "low"u8)) _low = Nested(ref reader);
        else if (Is(ref reader, "high"u8)) _high = Nested(ref reader);
        else if (Is(ref reader, "numerator"u8)) _numerator = Nested(ref reader);
        else if (Is(ref reader, "denominator"u8)) _denominator = Nested(ref reader);
        else if (Is(ref reader, "given"u8)) _given = Nested(ref reader, " ");
        else if (Is(ref reader, "family"u8)) _family = Text(ref reader);
        else if (Is(ref reader, "attachment"u8) || Is(ref reader, "manifestation"u8) || Is(ref reader, "concept"u8)) _nested = Nested(ref reader);
        else if (Is(ref reader, "dataAbsentReason"u8)) _absent = Nested(ref reader);
        else if (reader.ValueSpan.StartsWith("value"u8)) _value = Nested(ref reader);
        else reader.Skip();
    }

    /// <summary>A code by itself belongs to a Coding or a Quantity; a concept under that name to a component, which has a value beside it.</summary>
    private void TakeCode(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) _code = Phrase.Text(ref reader);
        else _codeConcept = Phrase.Read(ref reader);
    }

    private readonly string? Say()
    {
        if (_text is not null) return _text;
        if (_coding is not null) return _coding;
        if (_codeConcept is not null) return (_value ?? _absent) is { } value ? $"{_codeConcept} {value}" : _codeConcept;
        if (_value is not null) return _unit is null && _code is null ? $"{_comparator}{_value}" : $"{_comparator}{_value} {_unit ?? _code}";
        if (_display is not null) return _display;
        if (_title is not null) return _title;
        if (_start is not null || _end is not null) return _start == _end ? _start : $"{_start} – {_end}";
        if (_low is not null || _high is not null) return $"{_low} – {_high}";
        if (_numerator is not null) return $"{_numerator} / {_denominator}";
        if (_given is not null || _family is not null) return $"{_given} {_family}";
        return _nested ?? _code;
    }

    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) => reader.ValueSpan.SequenceEqual(name);

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return Phrase.Text(ref reader);
        reader.Skip();
        return null;
    }

    private static string? Nested(ref Utf8JsonReader reader, string separator = "; ")
    {
        reader.Read();
        return Phrase.Read(ref reader, separator);
    }

    /// <summary>Of several codings the first that says something: the others say the same in other systems.</summary>
    private static string? First(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return null;
        }

        string? first = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (first is null) first = Phrase.Read(ref reader);
            else reader.Skip();
        }

        return first;
    }
}
