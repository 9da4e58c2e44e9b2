using ReferralService.Fhir.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>Reads codes and what people wrote beside them.</summary>
internal static class ConceptReading
{
    /// <summary>One CodeableConcept or Coding, or an array of them; anything else says nothing.</summary>
    public static Saying Of(ref TokenReader reader)
    {
        List<CodingView> codings = [];
        List<string> texts = [];
        Concepts(ref reader, codings, texts);
        return codings.Count + texts.Count == 0 ? Saying.Nothing : new Saying([.. codings], [.. texts]);
    }

    /// <summary>coding[].code of a CodeableConcept.</summary>
    public static IReadOnlyList<string> CodesOf(ref TokenReader reader)
    {
        var codings = new List<CodingView>();
        Concepts(ref reader, codings, []);
        return codings.Count == 0 ? [] : [.. codings.Select(c => c.Code!)];
    }

    /// <summary>One CodeableConcept or Coding, or an array of them; the reader stands before the value.</summary>
    public static void Concepts(ref TokenReader reader, List<CodingView> codings, List<string> texts)
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

    /// <summary>R4's extension <c>display</c> on a QuestionnaireResponse's questionnaire is that one's title.</summary>
    public static Saying Titles(ref TokenReader reader)
    {
        List<string> titles = [];
        Titles(ref reader, titles);
        return new Saying([], titles);
    }

    private static void Titles(ref TokenReader reader, List<string> titles)
    {
        int depth = -1;
        while (JsonWalk.NextObject(ref reader, ref depth))
        {
            while (JsonWalk.NextMember(ref reader))
            {
                if (reader.ValueTextEquals("extension"u8)) Titles(ref reader, titles);
                else if (!reader.ValueTextEquals("valueString"u8)) reader.Skip();
                else if (JsonWalk.Text(ref reader) is { } title) titles.Add(title);
            }
        }
    }
}
