using System.Text.Json;
using ReferralService.Fhir.Json;

namespace ReferralService.Gathering.Plans;

/// <summary>Steps of a forward pass. Each begins at a member's name and ends at the end of its value, whatever shape that has.</summary>
internal static class JsonWalk
{
    /// <summary>Null when the value is no string.</summary>
    public static string? Text(ref TokenReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        reader.Skip();
        return null;
    }

    /// <summary>Null when the value is no number that a decimal can hold.</summary>
    public static decimal? Number(ref TokenReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number) return reader.TryGetDecimal(out var number) ? number : null;
        reader.Skip();
        return null;
    }

    /// <summary>Whether the value is an object or array with something in it.</summary>
    public static bool IsFilled(ref TokenReader reader)
    {
        reader.Read();
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)) return false;
        var inside = reader;
        reader.Skip();
        return inside.Read() && inside.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray);
    }

    /// <summary>Steps into the objects of a value, a single one or those of an array. False when there is none (any more): then the value's end is reached.</summary>
    /// <param name="depth">Of the array; -1 before the first call.</param>
    public static bool NextObject(ref TokenReader reader, ref int depth)
    {
        const int alone = int.MaxValue;
        if (depth == -1)
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                depth = alone;
                return true;
            }

            if (reader.TokenType != JsonTokenType.StartArray) return false;
            depth = reader.CurrentDepth;
        }
        else if (depth == alone) return false;

        while (reader.Read() && !(reader.TokenType == JsonTokenType.EndArray && reader.CurrentDepth == depth))
        {
            if (reader.TokenType == JsonTokenType.StartObject) return true;
            reader.Skip();
        }

        return false;
    }

    /// <summary>The next member's name of the object stepped into; false at its end.</summary>
    public static bool NextMember(ref TokenReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;
}
