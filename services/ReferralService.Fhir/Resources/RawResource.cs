using System.Text.Json;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>One resource as it was received: its UTF-8 bytes untouched, and the four facts every room needs.</summary>
/// <remarks>The bytes are borrowed from whoever read them (page buffer, spool); copy them to keep them.</remarks>
public sealed class RawResource
{
    private JsonTokens? _tokens;

    internal RawResource(ReadOnlyMemory<byte> utf8, string type, string? id, string? versionId, string? lastUpdated, JsonTokens? tokens)
        => (Utf8, Type, Id, VersionId, LastUpdated, _tokens) = (utf8, type, id, versionId, lastUpdated, tokens);

    /// <summary>From the resource's opening brace to its closing one: white space around it is the transport's, not the resource's.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; }

    /// <summary>Of <see cref="Utf8"/>, and borrowed like it where whoever read the resource has given it a list; else made when first asked for, and the collector's.</summary>
    public JsonTokens Tokens => _tokens ??= JsonTokens.Kept(Utf8.Span);

    /// <summary>A reader that stands before the first token: the resource is not tokenized again.</summary>
    public TokenReader Reader() => Tokens.Over(Utf8.Span);

    /// <summary>What was taken out of <see cref="Utf8"/> and put away while the resource streamed by, in order; empty unless whoever read it asked for that.</summary>
    public IReadOnlyList<BodyCut> Cuts { get; internal init; } = [];

    /// <summary>Of the whole as it was received.</summary>
    public long Length => Cuts.Count == 0 ? Utf8.Length : Utf8.Length + Cuts.Sum(c => (long)c.Length);

    /// <summary>A capital letter, then letters and digits; not necessarily a type R4 knows.</summary>
    public string Type { get; }

    /// <summary>As <see cref="ResourceTypes.IsId"/> allows an id to be; null when absent, or unusable.</summary>
    public string? Id { get; }

    /// <summary>There is an id that cannot stand in an address: so the resource can be neither named nor asked for again. Only an entry of a search page may be like that.</summary>
    public bool IdIsUnusable { get; internal init; }

    public string? VersionId { get; }

    /// <summary>meta.lastUpdated as it is written; null when absent.</summary>
    public string? LastUpdated { get; }

    /// <summary>The id, where a room cannot do without.</summary>
    /// <exception cref="FhirFormatException">It has none.</exception>
    internal string RequireId()
        => Id ?? throw new FhirFormatException(FormatCode.ElementShape, "required", $"{Type}.id", "A resource that a server holds must have an id.");

    public ResourceKey? Key => Id is null ? null : new ResourceKey(Type, Id);

    internal RawResource With(IReadOnlyList<BodyCut> cuts)
        => cuts.Count == 0 ? this : new RawResource(Utf8, Type, Id, VersionId, LastUpdated, _tokens) { IdIsUnusable = IdIsUnusable, Cuts = cuts };

    /// <summary>Reads one resource in one forward pass.</summary>
    /// <exception cref="FhirFormatException">Not JSON, not a resource, deeper than 64, or a key twice in one object.</exception>
    public static RawResource Read(ReadOnlyMemory<byte> utf8) => ReadWithin(utf8, JsonGuard.MaxDepth, null);

    /// <param name="tokens">Filled on the way, and lent to the resource: whoever fills it anew must be done with the resource.</param>
    /// <inheritdoc cref="Read(ReadOnlyMemory{byte})"/>
    public static RawResource Read(ReadOnlyMemory<byte> utf8, JsonTokens tokens) => ReadWithin(utf8, JsonGuard.MaxDepth, tokens);

    /// <summary>A resource that was read before, its bytes brought back from where they were kept: nothing is checked again.</summary>
    /// <param name="tokens">As in <see cref="Read(ReadOnlyMemory{byte}, JsonTokens)"/>.</param>
    /// <exception cref="JsonException">They are not the bytes that were read.</exception>
    public static RawResource Known(ReadOnlyMemory<byte> utf8, ResourceKey key, string? versionId, string? lastUpdated, JsonTokens tokens)
    {
        tokens.Fill(utf8.Span);
        return new RawResource(utf8, key.Type, key.Id, versionId, lastUpdated, tokens);
    }

    /// <summary>Reads one resource that may nest deeper, because it is a Bundle whose entries have the whole depth to themselves.</summary>
    internal static RawResource ReadWithin(ReadOnlyMemory<byte> utf8, int maxDepth, JsonTokens? tokens = null)
    {
        var bytes = utf8.Span;
        FirstByte.MustBeginJson(bytes);
        tokens?.Clear();
        var guard = JsonGuard.Rent(maxDepth);
        guard.IsUtf8 = System.Text.Unicode.Utf8.IsValid(bytes);
        try
        {
            var facts = new ResourceFacts();
            int start = -1, end = -1;
            // Not the final block as far as the tokenizer is told: so an end too early is seen apart from other faults.
            var reader = new Utf8JsonReader(bytes, isFinalBlock: false, new JsonReaderState(JsonGuard.ReaderOptions));
            while (reader.Read())
            {
                if (start < 0)
                {
                    if (reader.TokenType != JsonTokenType.StartObject)
                        throw new FhirFormatException(FormatCode.NotAResource, "structure", null, "The JSON is no object, so no FHIR resource.");
                    start = (int)reader.TokenStartIndex;
                }

                guard.Accept(in reader);
                tokens?.Add(in reader, (int)reader.TokenStartIndex - start, reader.CurrentDepth);
                facts.Accept(in reader, reader.CurrentDepth);
                if (guard.Depth == 0) end = (int)reader.BytesConsumed;
            }

            if (end < 0) throw guard.Fault(FormatCode.JsonTruncated, "The JSON ends before the resource does.");
            tokens?.Complete(end - start);
            return facts.Take(utf8[start..end], tokens);
        }
        catch (JsonException)
        {
            throw guard.Fault(FormatCode.JsonInvalid, "This is not JSON.");
        }
        finally
        {
            guard.Return();
        }
    }
}
