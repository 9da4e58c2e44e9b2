using System.Text;
using System.Text.Json;

namespace ReferralService.Fhir.Json;

/// <summary>
/// Reads a body through tokens found before. Members mean what those of <see cref="Utf8JsonReader"/> with their names mean, so that a method is moved from one to
/// the other by its parameter's type; but nothing is tokenized, and <see cref="Skip"/> is one step whatever it passes. A copy marks a place to come back to.
/// </summary>
public ref struct TokenReader
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _json;
    private readonly ReadOnlySpan<JsonToken> _tokens;
    private JsonToken _token;
    private int _at = -1;

    internal TokenReader(ReadOnlySpan<byte> json, ReadOnlySpan<JsonToken> tokens)
    {
        _json = json;
        _tokens = tokens;
    }

    public readonly JsonTokenType TokenType => _token.Kind;

    public readonly int CurrentDepth => _token.Depth;

    public readonly long TokenStartIndex => _token.Start;

    public readonly bool ValueIsEscaped => _token.IsEscaped;

    /// <summary>Between the quotes of a string or name, escapes not undone; of anything else the token as it stands.</summary>
    public readonly ReadOnlySpan<byte> ValueSpan => _token.Kind switch
    {
        JsonTokenType.None => default,
        JsonTokenType.PropertyName or JsonTokenType.String => _json.Slice(_token.Start + 1, _token.Extent),
        JsonTokenType.StartObject or JsonTokenType.StartArray or JsonTokenType.EndObject or JsonTokenType.EndArray => _json.Slice(_token.Start, 1),
        _ => _json.Slice(_token.Start, _token.Extent),
    };

    /// <summary>Bytes up to where the token ends, a name's colon included.</summary>
    public readonly long BytesConsumed => _token.Kind switch
    {
        JsonTokenType.None => 0,
        JsonTokenType.PropertyName => _token.Start + _token.Extent + 2 + _json[(_token.Start + _token.Extent + 2)..].IndexOf((byte)':') + 1,
        JsonTokenType.String => _token.Start + _token.Extent + 2,
        _ => _token.Start + ValueSpan.Length,
    };

    /// <summary>Bytes of the whole value stood on, of a container through to its end, without going there.</summary>
    public readonly ReadOnlySpan<byte> WholeValue => _token.Kind switch
    {
        JsonTokenType.StartObject or JsonTokenType.StartArray => _json[_token.Start..(_tokens[_token.Extent].Start + 1)],
        _ => Token,
    };

    /// <summary>On a container's end, a reader on its begin.</summary>
    internal readonly TokenReader Opening
    {
        get
        {
            var reader = this;
            reader._token = _tokens[reader._at = _token.Extent];
            return reader;
        }
    }

    private readonly ReadOnlySpan<byte> Token
        => _token.Kind is JsonTokenType.PropertyName or JsonTokenType.String ? _json.Slice(_token.Start, _token.Extent + 2) : ValueSpan;

    public bool Read()
    {
        if (_at + 1 >= _tokens.Length) return false;
        _token = _tokens[++_at];
        return true;
    }

    /// <summary>From a name past its value, from a container's begin onto its end; from anything else nowhere.</summary>
    public void Skip()
    {
        if (_token.Kind == JsonTokenType.PropertyName) _token = _tokens[++_at];
        if (_token.Kind is JsonTokenType.StartObject or JsonTokenType.StartArray) _token = _tokens[_at = _token.Extent];
    }

    public readonly bool ValueTextEquals(ReadOnlySpan<byte> utf8Text)
        => _token.Kind is not (JsonTokenType.PropertyName or JsonTokenType.String) || _token.IsEscaped ? Again().ValueTextEquals(utf8Text) : ValueSpan.SequenceEqual(utf8Text);

    public readonly bool ValueTextEquals(ReadOnlySpan<char> text) => Again().ValueTextEquals(text);

    public readonly string? GetString() => _token.Kind switch
    {
        JsonTokenType.String or JsonTokenType.PropertyName when !_token.IsEscaped => Strict.GetString(ValueSpan),
        JsonTokenType.Null => null,
        _ => Again().GetString(),
    };

    /// <summary>The text with its escapes undone; returns how many bytes that are.</summary>
    /// <param name="utf8Destination">As long as <see cref="ValueSpan"/> is long enough.</param>
    public readonly int CopyString(Span<byte> utf8Destination)
    {
        if (_token.Kind is not (JsonTokenType.PropertyName or JsonTokenType.String) || _token.IsEscaped) return Again().CopyString(utf8Destination);
        ValueSpan.CopyTo(utf8Destination);
        return _token.Extent;
    }

    public readonly bool GetBoolean() => _token.Kind switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => Again().GetBoolean(),
    };

    public readonly bool TryGetInt32(out int value) => Again().TryGetInt32(out value);

    public readonly bool TryGetInt64(out long value) => Again().TryGetInt64(out value);

    public readonly bool TryGetDecimal(out decimal value) => Again().TryGetDecimal(out value);

    /// <summary>What is seldom asked is left to the tokenizer, on this token alone.</summary>
    private readonly Utf8JsonReader Again()
    {
        if (_token.Kind is JsonTokenType.None or JsonTokenType.EndObject or JsonTokenType.EndArray) return default;
        var reader = new Utf8JsonReader(Token, isFinalBlock: _token.Kind is not (JsonTokenType.StartObject or JsonTokenType.StartArray), default);
        reader.Read();
        return reader;
    }
}
