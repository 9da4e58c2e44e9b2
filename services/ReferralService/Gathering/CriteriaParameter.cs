using System.Text;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>One <c>name[:modifier]=value,value</c> of a criteria (R4 search.html), evaluated on what the order carries.</summary>
/// <param name="Values">Alternatives, escapes undone for the comma only: <c>|</c> still separates.</param>
/// <param name="Raw">Name, modifier and value as written: what is sent to the EHR.</param>
internal sealed record CriteriaParameter(string Name, string? Modifier, IReadOnlyList<string> Values, string Raw)
{
    private static readonly Dictionary<string, string[]> Modifiers = new(StringComparer.Ordinal)
    {
        ["_id"] = [],
        ["status"] = ["not"],
        ["intent"] = ["not"],
        ["priority"] = ["not", "missing"],
        ["category"] = ["not", "missing"],
        ["code"] = ["not", "missing"],
        ["performer-type"] = ["not", "missing"],
        ["identifier"] = ["not", "missing"],
        ["subject"] = ["identifier", "missing", "Patient", "Group", "Location", "Device"],
        ["patient"] = ["identifier"],
        ["encounter"] = ["identifier", "missing"],
        ["requester"] = ["identifier", "missing", "Practitioner", "PractitionerRole", "Organization", "Patient", "RelatedPerson", "Device"],
        ["performer"] = ["identifier", "missing", "Practitioner", "PractitionerRole", "Organization", "CareTeam", "HealthcareService", "Patient", "Device", "RelatedPerson"],
        ["specimen"] = ["identifier", "missing"],
        ["based-on"] = ["identifier", "missing"],
    };

    /// <exception cref="FormatException">It cannot be evaluated locally; the message names it.</exception>
    public static CriteriaParameter Parse(string pair)
    {
        int equals = pair.IndexOf('=', StringComparison.Ordinal);
        var key = Decoded(equals < 0 ? pair : pair[..equals]);
        int colon = key.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? key : key[..colon];
        var modifier = colon < 0 ? null : key[(colon + 1)..];
        if (!Modifiers.TryGetValue(name, out var modifiers))
            throw new FormatException($"Criteria parameter '{name}' cannot be evaluated here; known: {string.Join(", ", Modifiers.Keys)}.");
        if (modifier is not null && !modifiers.Contains(modifier, StringComparer.Ordinal))
            throw new FormatException($"Criteria parameter '{name}' cannot be evaluated here with modifier '{modifier}'.");

        var values = equals < 0 ? [] : SplitAtCommas(Decoded(pair[(equals + 1)..]));
        if (values.Count == 0) throw new FormatException($"Criteria parameter '{key}' has no value.");
        if (modifier == "missing" && values is not ["true"] and not ["false"])
            throw new FormatException($"Criteria parameter '{key}' must be true or false.");
        return new CriteriaParameter(name, modifier, values, pair);
    }

    public bool MatchesCodes(IReadOnlyList<string> codes) => Decide(codes.Count, value => codes.Contains(TakeCode(value).Code, StringComparer.Ordinal));

    public bool MatchesCodings(IReadOnlyList<CodingView> codings)
        => Decide(codings.Count, value => codings.Any(c => IsToken(value, c.System, c.Code)));

    public bool MatchesIdentifiers(IReadOnlyList<FhirIdentifier> identifiers)
        => Decide(identifiers.Count, value => identifiers.Any(i => IsToken(value, i.System, i.Value)));

    /// <param name="type">What the references name when the value or the parameter does not say it.</param>
    public bool MatchesReferences(IReadOnlyList<ReferenceView> references, string? type = null) => Modifier == "identifier"
        ? Decide(references.Count, value => references.Any(r => r.Identifier is { } i && IsToken(value, i.System, i.Value)))
        : Decide(references.Count, value => references.Any(r => r.Reference is { } reference && Names(value, reference, Modifier is null or "missing" ? type : Modifier)));

    private bool Decide(int count, Func<string, bool> matches) => Modifier switch
    {
        "missing" => (count == 0) == (Values[0] == "true"),
        "not" => !Values.Any(matches),
        _ => Values.Any(matches),
    };

    private static bool IsToken(string value, string? system, string? code)
    {
        var (wantedSystem, wantedCode) = TakeCode(value);
        return (wantedCode.Length == 0 || wantedCode == code)
            && (wantedSystem is null || (wantedSystem.Length == 0 ? string.IsNullOrEmpty(system) : wantedSystem == system));
    }

    /// <summary><c>code</c>: any system (null); <c>|code</c>: none (empty); <c>system|</c>: any code (empty).</summary>
    private static (string? System, string Code) TakeCode(string value)
    {
        int bar = UnescapedIndexOf(value, '|');
        return bar < 0 ? (null, Unescaped(value)) : (Unescaped(value[..bar]), Unescaped(value[(bar + 1)..]));
    }

    private static bool Names(string value, FhirReference reference, string? type)
    {
        if (reference.Key is not { } key || (type is not null && key.Type != type)) return false;
        var wanted = FhirReference.Parse(value);
        if (wanted.Key is not { } wantedKey) return value == key.Id;
        return wantedKey == key && (wanted.Base is null || reference.Base is null || wanted.Base == reference.Base);
    }

    private static string Decoded(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    private static List<string> SplitAtCommas(string text)
    {
        var values = new List<string>();
        for (int comma; (comma = UnescapedIndexOf(text, ',')) >= 0; text = text[(comma + 1)..]) values.Add(text[..comma]);
        values.Add(text);
        values.RemoveAll(v => v.Length == 0);
        return values;
    }

    private static int UnescapedIndexOf(string text, char wanted)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == wanted) return i;
        }

        return -1;
    }

    private static string Unescaped(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal)) return text;
        var plain = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++) plain.Append(text[i] == '\\' && i + 1 < text.Length ? text[++i] : text[i]);
        return plain.ToString();
    }
}
