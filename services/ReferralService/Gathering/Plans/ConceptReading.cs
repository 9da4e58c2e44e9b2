using System.Text.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>Collects what a resource says it is about, and under which headings it is filed.</summary>
internal sealed class ConceptReading
{
    private readonly List<CodingView> _codes = [];
    private readonly List<CodingView> _categories = [];
    private readonly List<string> _texts = [];

    public IReadOnlyList<CodingView> Codes => _codes;

    public IReadOnlyList<CodingView> Categories => _categories;

    public IReadOnlyList<string> Texts => _texts;

    /// <summary>False, and nothing read, when the member is another one.</summary>
    public bool Take(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("category"u8)) Concepts(ref reader, _categories, _texts);
        else if (reader.ValueTextEquals("code"u8) || reader.ValueTextEquals("type"u8) || reader.ValueTextEquals("vaccineCode"u8)
            || reader.ValueTextEquals("medicationCodeableConcept"u8) || reader.ValueTextEquals("modality"u8) || reader.ValueTextEquals("procedureCode"u8))
            Concepts(ref reader, _codes, _texts);
        else if (reader.ValueTextEquals("description"u8) || reader.ValueTextEquals("questionnaire"u8))
        {
            // A QuestionnaireResponse says what it is by the address of its questionnaire alone.
            if (JsonWalk.Text(ref reader) is { } text) _texts.Add(text);
        }
        else if (reader.ValueTextEquals("_questionnaire"u8)) Extensions(ref reader);
        else return false;

        return true;
    }

    /// <summary>coding[].code of a CodeableConcept.</summary>
    public static List<string> CodesOf(ref Utf8JsonReader reader)
    {
        var codings = new List<CodingView>();
        Concepts(ref reader, codings, []);
        return [.. codings.Select(c => c.Code).OfType<string>()];
    }

    /// <summary>One CodeableConcept or Coding, or an array of them.</summary>
    public static void Concepts(ref Utf8JsonReader reader, List<CodingView> codings, List<string> texts)
    {
        int depth = -1;
        while (JsonWalk.NextObject(ref reader, ref depth))
        {
            string? system = null, code = null, display = null;
            while (JsonWalk.NextMember(ref reader))
            {
                if (reader.ValueTextEquals("coding"u8)) Concepts(ref reader, codings, texts);
                else if (reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("display"u8)) display = JsonWalk.Text(ref reader);
                else if (reader.ValueTextEquals("system"u8)) system = JsonWalk.Text(ref reader);
                else if (reader.ValueTextEquals("code"u8)) code = JsonWalk.Text(ref reader);
                else reader.Skip();
            }

            if (code is not null) codings.Add(new CodingView(system, code, display));
            if (display is not null) texts.Add(display);
        }
    }

    /// <summary>R4's extension <c>display</c> is the questionnaire's title.</summary>
    private void Extensions(ref Utf8JsonReader reader)
    {
        int depth = -1;
        while (JsonWalk.NextObject(ref reader, ref depth))
        {
            while (JsonWalk.NextMember(ref reader))
            {
                if (reader.ValueTextEquals("extension"u8)) Extensions(ref reader);
                else if (!reader.ValueTextEquals("valueString"u8)) reader.Skip();
                else if (JsonWalk.Text(ref reader) is { } title) _texts.Add(title);
            }
        }
    }
}
