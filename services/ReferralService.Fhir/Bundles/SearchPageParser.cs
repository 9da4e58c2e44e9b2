using System.Text.Json;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Fhir.Bundles;

/// <summary>The tokens of one searchset, in whatever pieces they come: says where each entry's resource stands and what the page says of itself.</summary>
internal sealed class SearchPageParser : IDisposable
{
    /// <summary>Containers around an entry's resource: the Bundle, its list of entries, the entry.</summary>
    public const int Around = 3;

    /// <summary>The tokenizer goes on where the guard has given an entry up: what is nested beyond all reason costs itself, not its neighbours.</summary>
    private const int MaxTokenDepth = 100_000;

    private readonly JsonGuard _guard = JsonGuard.Rent();
    private readonly JsonTokens _tokens = new();
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = MaxTokenDepth });
    private ResourceFacts _facts;
    private FhirFormatException? _fault;
    private Element _ofBundle;
    private Element _ofItem;
    private bool _begun, _ended, _isBundle, _isSearchset, _atMode, _entryComplete;
    private long _resourceStart = -1;
    private long _resourceEnd = -1;
    private byte[] _fullUrl = [];
    private int _fullUrlLength;
    private SearchEntryMode? _mode;
    private Utf8Watch _utf8 = new();
    private PageLinks _links;
    private long? _total;
    private int _entries, _hollow;

    private enum Element : byte
    {
        Other,
        ResourceType,
        Type,
        Total,
        Link,
        Entry,
        FullUrl,
        Resource,
        Search,
    }

    /// <summary>How far the stream has been understood.</summary>
    public long Position { get; private set; }

    /// <summary>The oldest byte still wanted.</summary>
    public long KeepFrom => _resourceStart >= 0 ? _resourceStart : Position;

    /// <summary>Reads on from <see cref="Position"/>; true when an entry with a resource is complete, false when more bytes are wanted.</summary>
    public bool Parse(ReadOnlySpan<byte> bytes)
    {
        _guard.IsUtf8 = _utf8.See(bytes, Position);
        var reader = new Utf8JsonReader(bytes, isFinalBlock: false, _state);
        try
        {
            while (!_entryComplete && reader.Read()) Accept(ref reader);
        }
        catch (JsonException)
        {
            if (!_begun) FirstByte.MustBeginJson(bytes);
            throw _fault is { Code: FormatCode.JsonTooDeep } ? _fault : _guard.Fault(FormatCode.JsonInvalid, "This is not JSON.");
        }

        _state = reader.CurrentState;
        Position += reader.BytesConsumed;
        return _entryComplete;
    }

    public SearchEntry TakeEntry(PageBuffer buffer, LongRuns? runs)
    {
        var resource = TakeResource(buffer);
        var cuts = runs?.Take(_resourceStart, _resourceEnd) ?? [];
        var mode = resource is { Type: "OperationOutcome" } ? SearchEntryMode.Outcome : _mode ?? SearchEntryMode.Match;
        var fullUrl = _fullUrl.AsMemory(0, _fullUrlLength);
        var fault = _fault;
        _entries++;
        _entryComplete = false;
        _resourceStart = _resourceEnd = -1;
        _fault = null;
        return resource is not null ? new SearchEntry(fullUrl, mode, resource.With(cuts)) : new SearchEntry(fullUrl, mode)
        {
            Fault = fault,
            Type = _facts.Type,
            Key = _facts is { Type: { } type, Id: { } id } ? new ResourceKey(type, id) : null,
        };
    }

    private RawResource? TakeResource(PageBuffer buffer)
    {
        try
        {
            return _fault is null ? _facts.TakeAmongOthers(buffer.Slice(_resourceStart, _resourceEnd), _tokens) : null;
        }
        catch (FhirFormatException fault)
        {
            _fault = fault;
            return null;
        }
    }

    /// <summary>What the page said, once the stream has ended.</summary>
    public SearchPage Finish(long bytes)
    {
        if (!_begun) FirstByte.MustBeginJson([]);
        if (!_ended) throw _guard.Fault(FormatCode.JsonTruncated, "The search page ends before its JSON does.");
        if (!_isBundle) throw new FhirFormatException(FormatCode.NotAResource, "structure", "resourceType", "The JSON is no FHIR resource.");
        if (!_isSearchset) throw NotSearchset("Bundle.type");
        return new SearchPage(_links.Self, _links.Next, _total, _entries, bytes) { Hollow = _hollow };
    }

    public void Dispose()
    {
        _guard.Return();
        _tokens.Dispose();
    }

    private void Accept(ref Utf8JsonReader reader)
    {
        int depth = reader.CurrentDepth;
        if (_resourceStart >= 0 && _resourceEnd < 0)
        {
            AcceptInResource(in reader, depth - Around);
            return;
        }

        _guard.Accept(in reader);

        switch (depth)
        {
            case 0:
                if (!_begun && reader.TokenType != JsonTokenType.StartObject)
                    throw new FhirFormatException(FormatCode.NotAResource, "structure", null, "The JSON is no object, so no FHIR resource.");
                _begun = true;
                _ended = reader.TokenType == JsonTokenType.EndObject;
                break;
            case 1:
                AcceptOfBundle(in reader);
                break;
            case 2 when _ofBundle is Element.Link or Element.Entry:
                AcceptItem(reader.TokenType);
                break;
            case 3 when _ofBundle == Element.Link:
                _links.Accept(in reader, _guard);
                break;
            case 3 when _ofBundle == Element.Entry:
                AcceptOfEntry(in reader);
                break;
            case 4 when _ofBundle == Element.Entry && _ofItem == Element.Search:
                if (reader.TokenType == JsonTokenType.PropertyName) _atMode = reader.ValueTextEquals("mode"u8);
                else if (_atMode) _mode = Mode(in reader);
                break;
        }
    }

    private void AcceptInResource(ref readonly Utf8JsonReader reader, int depth)
    {
        try
        {
            if (_fault is null)
            {
                _guard.Accept(in reader);
                _tokens.Add(in reader, (int)(Position + reader.TokenStartIndex - _resourceStart), depth);
            }

            _facts.Accept(in reader, depth);
        }
        catch (FhirFormatException fault)
        {
            // Of this entry alone: the page goes on behind it.
            _fault ??= fault;
            _guard.CloseTo(Around);
        }
        catch (InvalidOperationException) when (_fault is not null)
        {
            // A string that is no text, in an entry that is refused already: the guard, which would have said so first, no longer looks at it.
        }

        if (depth > 0 || reader.TokenType != JsonTokenType.EndObject) return;
        _resourceEnd = Position + reader.BytesConsumed;
        _tokens.Complete((int)(_resourceEnd - _resourceStart));
        _guard.Limit = JsonGuard.MaxDepth;
    }

    private void AcceptOfBundle(ref readonly Utf8JsonReader reader)
    {
        var kind = reader.TokenType;
        if (kind == JsonTokenType.PropertyName)
        {
            _ofBundle = reader.ValueTextEquals("resourceType"u8) ? Element.ResourceType
                : reader.ValueTextEquals("type"u8) ? Element.Type
                : reader.ValueTextEquals("total"u8) ? Element.Total
                : reader.ValueTextEquals("link"u8) ? Element.Link
                : reader.ValueTextEquals("entry"u8) ? Element.Entry
                : Element.Other;
            return;
        }

        switch (_ofBundle)
        {
            case Element.ResourceType:
                _isBundle = kind == JsonTokenType.String && reader.ValueTextEquals("Bundle"u8);
                if (!_isBundle) throw NotSearchset("resourceType");
                break;
            case Element.Type:
                _isSearchset = kind == JsonTokenType.String && reader.ValueTextEquals("searchset"u8);
                if (!_isSearchset) throw NotSearchset("Bundle.type");
                break;
            case Element.Total when kind == JsonTokenType.Number:
                _total = reader.TryGetInt64(out long total) && total >= 0 ? total : null;
                break;
            case Element.Link or Element.Entry when kind is not (JsonTokenType.StartArray or JsonTokenType.EndArray or JsonTokenType.Null):
                throw Shape();
        }
    }

    private void AcceptItem(JsonTokenType kind)
    {
        switch (kind)
        {
            case JsonTokenType.StartObject:
                _ofItem = Element.Other;
                _fullUrlLength = 0;
                _mode = null;
                _links.Begin();
                break;
            case JsonTokenType.EndObject when _ofBundle == Element.Entry:
                _entryComplete = _resourceStart >= 0;
                if (!_entryComplete) _hollow++;
                break;
            case JsonTokenType.EndObject:
                _links.End();
                break;
            case JsonTokenType.Null:
                break;
            default:
                throw Shape();
        }
    }

    private void AcceptOfEntry(ref readonly Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            _ofItem = reader.ValueTextEquals("resource"u8) ? Element.Resource
                : reader.ValueTextEquals("fullUrl"u8) ? Element.FullUrl
                : reader.ValueTextEquals("search"u8) ? Element.Search
                : Element.Other;
        }
        else if (_ofItem == Element.FullUrl)
        {
            TakeFullUrl(in reader);
        }
        else if (_ofItem == Element.Search)
        {
            if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.EndObject or JsonTokenType.Null)) throw Shape();
        }
        else if (_ofItem == Element.Resource && reader.TokenType != JsonTokenType.Null)
        {
            if (reader.TokenType != JsonTokenType.StartObject) throw Shape();
            _resourceStart = Position + reader.TokenStartIndex;
            _facts = default;
            _tokens.Clear();
            _tokens.Add(in reader, 0, 0);
            _guard.Limit = Around + JsonGuard.MaxDepth;
        }
    }

    private void TakeFullUrl(ref readonly Utf8JsonReader reader)
    {
        _fullUrlLength = 0;
        if (reader.TokenType == JsonTokenType.Null) return;
        if (reader.TokenType != JsonTokenType.String) throw Shape();
        if (_fullUrl.Length < reader.ValueSpan.Length) _fullUrl = new byte[Math.Max(256, reader.ValueSpan.Length)];
        _fullUrlLength = reader.CopyString(_fullUrl);
    }

    private SearchEntryMode? Mode(ref readonly Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String when reader.ValueTextEquals("match"u8) => null,
        JsonTokenType.String when reader.ValueTextEquals("outcome"u8) => SearchEntryMode.Outcome,
        JsonTokenType.String when reader.ValueTextEquals("include"u8) => SearchEntryMode.Include,
        JsonTokenType.String or JsonTokenType.Null => null,
        _ => throw Shape(),
    };

    private FhirFormatException Shape() => Shape(_guard);

    internal static FhirFormatException Shape(JsonGuard guard) => guard.Fault(FormatCode.ElementShape, "An element of the search page has another JSON shape than FHIR R4 gives it.");

    private static FhirFormatException NotSearchset(string path)
        => new(FormatCode.WrongType, "invalid", path, "A Bundle of type searchset was expected in answer to a search.");
}
