using System.Buffers;
using System.Text.Json;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>Picks type, id and meta's version facts out of the tokens of one resource, whatever order they come in.</summary>
internal struct ResourceFacts
{
    private Awaited _awaited;
    private bool _inMeta;
    private bool _idIsUnusable;

    private enum Awaited : byte
    {
        Nothing,
        Type,
        Id,
        Meta,
        VersionId,
        LastUpdated,
    }

    public string? Type { get; private set; }

    public string? Id { get; private set; }

    public string? VersionId { get; private set; }

    public string? LastUpdated { get; private set; }

    /// <summary>Takes the token the reader stands on.</summary>
    /// <param name="depth">Relative to the resource: 0 for its own braces, 1 for its elements' names.</param>
    public void Accept(ref readonly Utf8JsonReader reader, int depth)
    {
        var kind = reader.TokenType;
        if (depth > 2 || (depth == 2 && !_inMeta)) return;
        if (kind == JsonTokenType.PropertyName)
        {
            _awaited = depth == 1 ? Element(in reader) : MetaElement(in reader);
            return;
        }

        switch (_awaited)
        {
            case Awaited.Type:
                Type = kind == JsonTokenType.String ? ResourceTypes.FromUtf8(reader.ValueSpan) : null;
                if (Type is null) throw NotAResource();
                break;
            case Awaited.Id:
                Id = kind == JsonTokenType.String && reader.GetString() is { } id && ResourceTypes.IsId(id) ? id : null;
                _idIsUnusable = Id is null && kind != JsonTokenType.Null;
                break;
            case Awaited.Meta when kind is JsonTokenType.StartObject or JsonTokenType.Null:
                _inMeta = kind == JsonTokenType.StartObject;
                break;
            case Awaited.Meta:
                throw Shape("meta");
            case Awaited.VersionId:
                VersionId = reader.ValueSpan is [>= (byte)'0' and <= (byte)'9' and var digit] && kind == JsonTokenType.String ? Digits[digit - '0']
                    : Text(in reader, "meta.versionId") is { } version && ResourceTypes.IsId(version) ? version : null;
                break;
            case Awaited.LastUpdated:
                LastUpdated = Text(in reader, "meta.lastUpdated") is { Length: <= LongestInstant } instant && !instant.AsSpan().ContainsAnyExcept(InstantCharacters) ? instant : null;
                break;
            default:
                if (depth == 1 && kind == JsonTokenType.EndObject) _inMeta = false;
                break;
        }

        _awaited = Awaited.Nothing;
    }

    /// <exception cref="FhirFormatException">No type, or an id that cannot stand in an address.</exception>
    public readonly RawResource Take(ReadOnlyMemory<byte> utf8, JsonTokens? tokens) => _idIsUnusable
        ? throw new FhirFormatException(FormatCode.ElementShape, "value", "id", "A resource's id is no text, or has characters or a length that cannot stand in an address.")
        : TakeAmongOthers(utf8, tokens);

    /// <summary>The same for one of many: an unusable id is told, so that it costs nobody the others.</summary>
    public readonly RawResource TakeAmongOthers(ReadOnlyMemory<byte> utf8, JsonTokens? tokens)
        => new(utf8, Type ?? throw NotAResource(), Id, VersionId, LastUpdated, tokens) { IdIsUnusable = _idIsUnusable };

    private static Awaited Element(ref readonly Utf8JsonReader reader)
        => reader.ValueTextEquals("resourceType"u8) ? Awaited.Type
            : reader.ValueTextEquals("id"u8) ? Awaited.Id
            : reader.ValueTextEquals("meta"u8) ? Awaited.Meta
            : Awaited.Nothing;

    private static Awaited MetaElement(ref readonly Utf8JsonReader reader)
        => reader.ValueTextEquals("versionId"u8) ? Awaited.VersionId
            : reader.ValueTextEquals("lastUpdated"u8) ? Awaited.LastUpdated
            : Awaited.Nothing;

    /// <summary>With room for any fraction of a second. Versions and instants are told in manifests and kept in plain columns: what is none is not taken for one.</summary>
    private const int LongestInstant = 48;

    /// <summary>Most resources are of a first few versions.</summary>
    private static readonly string[] Digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    private static readonly SearchValues<char> InstantCharacters = SearchValues.Create("0123456789-:.+TZtz");

    private static string? Text(ref readonly Utf8JsonReader reader, string path) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Null => null,
        _ => throw Shape(path),
    };

    private static FhirFormatException Shape(string path)
        => new(FormatCode.ElementShape, "structure", path, "An element has another JSON shape than FHIR R4 gives it.");

    private static FhirFormatException NotAResource()
        => new(FormatCode.NotAResource, "structure", "resourceType", "The JSON is no FHIR resource: resourceType is missing or no type's name.");
}
