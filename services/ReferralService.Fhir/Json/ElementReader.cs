using System.Text.Json;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;

namespace ReferralService.Fhir.Json;

/// <summary>
/// Walks a resource's elements in the order they stand, for views that read a few of them: <c>while (e.Next()) …</c>, where each turn
/// reads the element's value or calls <see cref="Skip"/>. JSON null counts as absent. One pass, no tree.
/// </summary>
/// <remarks>A value of another shape than asked for throws <see cref="FormatCode.ElementShape"/> with the element's path; what is skipped may have any shape.</remarks>
public ref partial struct ElementReader
{
    private readonly ReadOnlySpan<byte> _json;
    private readonly string _root;
    private TokenReader _reader;

    private ElementReader(RawResource resource)
    {
        _json = resource.Utf8.Span;
        _root = resource.Type;
        _reader = resource.Reader();
        _reader.Read();
    }

    public delegate T Read<out T>(ref ElementReader reader);

    /// <summary>Opens a resource before its first element.</summary>
    /// <exception cref="FhirFormatException">The resource is of another type.</exception>
    public static ElementReader Open(RawResource resource, string type)
        => resource.Type == type
            ? new ElementReader(resource)
            : throw new FhirFormatException(FormatCode.WrongType, "invalid", "resourceType", $"A {type} was expected.");

    /// <summary>Opens a resource of whatever type it is.</summary>
    public static ElementReader Open(RawResource resource) => new(resource);

    /// <summary>Moves to the next element's name in the open object; false at its end, which is then passed.</summary>
    public bool Next()
    {
        _reader.Read();
        return _reader.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>Whether the element just moved to has this name.</summary>
    public readonly bool Is(ReadOnlySpan<byte> name) => _reader.ValueTextEquals(name);

    /// <summary>Whether the element just moved to is a choice of this stem: <c>value</c> for valueQuantity, valueString, ….</summary>
    public readonly bool IsChoice(ReadOnlySpan<byte> stem)
        => _reader.ValueSpan.Length > stem.Length && _reader.ValueSpan.StartsWith(stem) && char.IsAsciiLetterUpper((char)_reader.ValueSpan[stem.Length]);

    /// <summary>The name of the element just moved to.</summary>
    public readonly string Name() => _reader.GetString() ?? "";

    /// <summary>Passes the value over, whatever it is.</summary>
    public void Skip() => _reader.Skip();

    /// <summary>A primitive that JSON writes as a string.</summary>
    public string? Text()
    {
        Value();
        return _reader.TokenType switch
        {
            JsonTokenType.String => _reader.GetString(),
            JsonTokenType.Null => null,
            _ => throw Shape(),
        };
    }

    /// <summary>A number's digits exactly as written: a decimal is never parsed, so 1.00 stays 1.00.</summary>
    public string? Number()
    {
        Value();
        return _reader.TokenType switch
        {
            JsonTokenType.Number => System.Text.Encoding.ASCII.GetString(_reader.ValueSpan),
            JsonTokenType.Null => null,
            _ => throw Shape(),
        };
    }

    /// <summary>A number small and whole enough to count with; null when it is neither.</summary>
    public int? Whole()
    {
        Value();
        return _reader.TokenType switch
        {
            JsonTokenType.Number => _reader.TryGetInt32(out int value) ? value : null,
            JsonTokenType.Null => null,
            _ => throw Shape(),
        };
    }

    public bool? Boolean()
    {
        Value();
        return _reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            JsonTokenType.Null => null,
            _ => throw Shape(),
        };
    }

    /// <summary>Steps into an object, whose elements <see cref="Next"/> then gives; false when there is none.</summary>
    public bool Enter() => Begin(JsonTokenType.StartObject);

    /// <summary>Steps into an array, whose items <see cref="NextItem"/> then gives; false when there is none.</summary>
    public bool EnterList() => Begin(JsonTokenType.StartArray);

    /// <summary>Moves to the next item of the open array; false at its end, which is then passed.</summary>
    public bool NextItem()
    {
        _reader.Read();
        return _reader.TokenType != JsonTokenType.EndArray;
    }

    /// <summary>Whether the value ahead (or the item now stood on) is an object.</summary>
    public bool AtObject()
    {
        Value();
        return _reader.TokenType == JsonTokenType.StartObject;
    }

    /// <summary>A repeating element, its nulls left out.</summary>
    public IReadOnlyList<T> List<T>(Read<T?> read) where T : class
    {
        if (!EnterList()) return [];
        var items = new List<T>();
        while (NextItem())
            if (read(ref this) is { } item) items.Add(item);
        return items;
    }

    /// <summary>A repeating element of values, its nulls left out.</summary>
    public IReadOnlyList<T> Values<T>(Read<T?> read) where T : struct
    {
        if (!EnterList()) return [];
        var items = new List<T>();
        while (NextItem())
            if (read(ref this) is { } item) items.Add(item);
        return items;
    }

    /// <summary>The fault of the value now stood on.</summary>
    public readonly FhirFormatException Shape()
        => new(FormatCode.ElementShape, "structure", ElementPath.At(_json, _reader.TokenStartIndex, _root), "An element has another JSON shape than FHIR R4 gives it.");

    /// <summary>From an element's name onto its value; an item of an array is its value already.</summary>
    private void Value()
    {
        if (_reader.TokenType == JsonTokenType.PropertyName) _reader.Read();
    }

    private bool Begin(JsonTokenType start)
    {
        Value();
        if (_reader.TokenType == start) return true;
        return _reader.TokenType == JsonTokenType.Null ? false : throw Shape();
    }
}
