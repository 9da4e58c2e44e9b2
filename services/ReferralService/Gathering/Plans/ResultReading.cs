using System.Text.Json;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>Collects the values of an Observation: its own, and those of its components.</summary>
internal sealed class ResultReading
{
    private readonly List<ResultValue> _components = [];
    private Value _own;

    private struct Value
    {
        public decimal? Number;
        public string? Comparator;
        public string? Unit;
        public string? UnitCode;
        public IReadOnlyList<string>? Interpretations;

        public readonly bool IsEmpty => Number is null && Interpretations is not { Count: > 0 };

        public readonly ResultValue As(IReadOnlyList<CodingView>? codes) => new(codes, Number, Comparator, Unit, UnitCode, Interpretations ?? []);
    }

    private ResultReading() { }

    public static IReadOnlyList<ResultValue> Of(RawResource resource)
    {
        var reader = resource.Reader();
        var results = new ResultReading();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!results.Take(ref reader)) reader.Skip();
        }

        return results._own.IsEmpty ? results._components : [results._own.As(null), .. results._components];
    }

    /// <summary>False, and nothing read, when the member is another one.</summary>
    private bool Take(ref TokenReader reader)
    {
        if (!reader.ValueTextEquals("component"u8)) return TakeValue(ref reader, ref _own);
        int depth = -1;
        while (JsonWalk.NextObject(ref reader, ref depth))
        {
            var codes = new List<CodingView>();
            var value = default(Value);
            while (JsonWalk.NextMember(ref reader))
            {
                if (reader.ValueTextEquals("code"u8)) ConceptReading.Concepts(ref reader, codes, []);
                else if (!TakeValue(ref reader, ref value)) reader.Skip();
            }

            if (!value.IsEmpty) _components.Add(value.As(codes));
        }

        return true;
    }

    private static bool TakeValue(ref TokenReader reader, ref Value value)
    {
        if (reader.ValueTextEquals("valueQuantity"u8)) Quantity(ref reader, ref value);
        else if (reader.ValueTextEquals("valueInteger"u8)) value.Number = JsonWalk.Number(ref reader);
        else if (reader.ValueTextEquals("interpretation"u8)) value.Interpretations = ConceptReading.CodesOf(ref reader);
        else return false;

        return true;
    }

    private static void Quantity(ref TokenReader reader, ref Value value)
    {
        int depth = -1;
        while (JsonWalk.NextObject(ref reader, ref depth))
        {
            while (JsonWalk.NextMember(ref reader))
            {
                if (reader.ValueTextEquals("value"u8)) value.Number = JsonWalk.Number(ref reader);
                else if (reader.ValueTextEquals("comparator"u8)) value.Comparator = JsonWalk.Text(ref reader);
                else if (reader.ValueTextEquals("unit"u8)) value.Unit = JsonWalk.Text(ref reader);
                else if (reader.ValueTextEquals("code"u8)) value.UnitCode = JsonWalk.Text(ref reader);
                else reader.Skip();
            }
        }
    }
}
