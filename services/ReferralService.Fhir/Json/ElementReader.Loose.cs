using System.Text.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Fhir.Json;

/// <summary>Elements that bear one name and several shapes across resource types (<c>category</c>, <c>type</c>, <c>subject</c>).</summary>
public ref partial struct ElementReader
{
    /// <summary>Concepts whether the type has one, a list of them, or bare codes; anything else is passed over.</summary>
    public IReadOnlyList<ConceptView> LooseConcepts()
    {
        Value();
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartArray:
                var all = new List<ConceptView>();
                while (NextItem()) all.AddRange(LooseConcepts());
                return all;
            case JsonTokenType.StartObject:
                return Concept() is { } concept ? [concept] : [];
            case JsonTokenType.String:
                return [new ConceptView([new CodingView(null, Text(), null)], null)];
            default:
                Skip();
                return [];
        }
    }

    /// <summary>A Reference, or the first of a list of them.</summary>
    public ReferenceView? LooseReference()
    {
        Value();
        if (_reader.TokenType != JsonTokenType.StartArray) return Reference();
        var all = References();
        return all.Count > 0 ? all[0] : null;
    }

    /// <summary>A text; null where the type has something else under this name.</summary>
    public string? LooseText()
    {
        Value();
        if (_reader.TokenType == JsonTokenType.String) return Text();
        Skip();
        return null;
    }

    /// <summary>Start (else end) of a Period; null where the type has something else under this name.</summary>
    public string? LoosePeriodStart()
    {
        Value();
        if (_reader.TokenType == JsonTokenType.StartObject) return Period() is var (start, end) ? start ?? end : null;
        Skip();
        return null;
    }
}
