using System.Buffers;
using System.Text.Json;

namespace ReferralService.Fhir.Json;

/// <summary>What the tokenizer found in one body, so that nobody need tokenize it again: <see cref="Over"/> gives readers that walk it as often as wanted.</summary>
/// <remarks>
/// The list is pooled, and whoever made this object owns it: filled for one body after another, then disposed, after which no reader over it may be used.
/// Not disposed it is garbage, no more. Read from several threads at once it may be, filled it may not.
/// </remarks>
public sealed class JsonTokens : IDisposable
{
    /// <summary>Deeper than any resource is let in, and what is built of resources, too.</summary>
    private const int DeepestNesting = 192;

    private const int FewTokens = 256;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = DeepestNesting };

    private JsonToken[] _tokens = [];
    private bool _isOwn;
    private int _count;

    /// <summary>The innermost container now open; those around it are chained through their <see cref="JsonToken.Extent"/>.</summary>
    private int _open = -1;

    /// <summary>Of the body, in bytes; negative while there is none.</summary>
    private int _length = -1;

    /// <summary>Tokens of the body.</summary>
    public int Count => _count;

    /// <summary>The tokens of a body that was let in before: only what cannot be tokenized at all is refused.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static JsonTokens Of(ReadOnlySpan<byte> json)
    {
        var tokens = new JsonTokens();
        tokens.Fill(json);
        return tokens;
    }

    /// <summary>The tokens of another body instead of those held.</summary>
    /// <exception cref="JsonException">It is not JSON; nothing is held then.</exception>
    public void Fill(ReadOnlySpan<byte> json)
    {
        Clear();
        var reader = new Utf8JsonReader(json, Options);
        while (reader.Read()) Add(in reader, (int)reader.TokenStartIndex, reader.CurrentDepth);
        Complete(json.Length);
    }

    /// <summary>As <see cref="Fill"/>, of what may be no JSON: then the tokens before the fault are held, and containers that it left open have no end.</summary>
    /// <returns>Whether it is JSON.</returns>
    internal bool TryFill(ReadOnlySpan<byte> json)
    {
        Clear();
        var reader = new Utf8JsonReader(json, Options);
        bool whole = true;
        try
        {
            while (reader.Read()) Add(in reader, (int)reader.TokenStartIndex, reader.CurrentDepth);
        }
        catch (JsonException)
        {
            whole = false;
            for (int open = _open; open >= 0;) (open, _tokens[open].Extent) = (_tokens[open].Extent, -1);
        }

        Complete(json.Length);
        return whole;
    }

    /// <summary>A reader that stands before the first token, as a new <see cref="Utf8JsonReader"/> does.</summary>
    /// <param name="json">The body whose tokens these are.</param>
    public TokenReader Over(ReadOnlySpan<byte> json) => new(json, Of(json.Length));

    /// <param name="length">Of the body whose tokens these are.</param>
    internal ReadOnlySpan<JsonToken> Of(int length)
        => length == _length ? _tokens.AsSpan(0, _count) : throw new InvalidOperationException("These are not the tokens of this body.");

    /// <summary>Tokens that nobody will give back: in an array of their own, as long as they are many.</summary>
    internal static JsonTokens Kept(ReadOnlySpan<byte> json)
    {
        using var tokens = Of(json);
        return new JsonTokens { _tokens = tokens._tokens.AsSpan(0, tokens._count).ToArray(), _count = tokens._count, _length = tokens._length, _isOwn = true };
    }

    /// <summary>Gives the list back.</summary>
    public void Dispose()
    {
        if (_tokens.Length > 0 && !_isOwn) ArrayPool<JsonToken>.Shared.Return(_tokens);
        _tokens = [];
        Clear();
    }

    internal void Clear()
    {
        _count = 0;
        _open = -1;
        _length = -1;
    }

    /// <summary>Takes the token a tokenizer stands on.</summary>
    /// <param name="start">Where in the body the token begins.</param>
    /// <param name="depth">In the body, whatever that stands in.</param>
    internal void Add(ref readonly Utf8JsonReader reader, int start, int depth)
    {
        if (_count == _tokens.Length) Grow();
        int extent = reader.ValueSpan.Length;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                (extent, _open) = (_open, _count);
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                ref int begin = ref _tokens[_open].Extent;
                (extent, _open, begin) = (_open, begin, _count);
                break;
        }

        _tokens[_count++] = new JsonToken { Start = start, Extent = extent, Kind = reader.TokenType, Depth = (byte)depth, IsEscaped = reader.ValueIsEscaped };
    }

    /// <summary>The body's tokens are all there.</summary>
    /// <param name="length">Of the body, in bytes.</param>
    internal void Complete(int length) => _length = length;

    private void Grow()
    {
        var more = ArrayPool<JsonToken>.Shared.Rent(Math.Max(FewTokens, _count * 2));
        _tokens.AsSpan(0, _count).CopyTo(more);
        if (_tokens.Length > 0 && !_isOwn) ArrayPool<JsonToken>.Shared.Return(_tokens);
        (_tokens, _isOwn) = (more, false);
    }
}
