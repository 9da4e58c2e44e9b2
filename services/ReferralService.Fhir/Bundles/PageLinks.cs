using System.Text.Json;
using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Bundles;

/// <summary>What a page's <c>link</c>s say, read token by token: its own address, and that of the next.</summary>
internal struct PageLinks
{
    private Element _of;
    private string? _relation, _url;

    private enum Element : byte
    {
        Other,
        Relation,
        Url,
    }

    public string? Self { get; private set; }

    public string? Next { get; private set; }

    /// <summary>At a link's opening brace.</summary>
    public void Begin() => (_of, _relation, _url) = (Element.Other, null, null);

    /// <summary>A token that stands in a link itself.</summary>
    /// <exception cref="Errors.FhirFormatException">It is no text where R4 has one.</exception>
    public void Accept(ref readonly Utf8JsonReader reader, JsonGuard guard)
    {
        if (reader.TokenType == JsonTokenType.PropertyName)
            _of = reader.ValueTextEquals("relation"u8) ? Element.Relation : reader.ValueTextEquals("url"u8) ? Element.Url : Element.Other;
        else if (_of == Element.Relation) _relation = Text(in reader, guard);
        else if (_of == Element.Url) _url = Text(in reader, guard);
    }

    /// <summary>At its closing brace. A page may say "self" of itself twice in error; the first of each is taken.</summary>
    public void End()
    {
        if (_relation == "next") Next ??= _url;
        else if (_relation == "self") Self ??= _url;
    }

    private static string? Text(ref readonly Utf8JsonReader reader, JsonGuard guard) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Null => null,
        _ => throw SearchPageParser.Shape(guard),
    };
}
