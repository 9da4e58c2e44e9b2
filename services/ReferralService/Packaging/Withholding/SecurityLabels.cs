using System.Text.Json;

namespace ReferralService.Packaging.Withholding;

/// <summary>The security labels of one resource: those it carries, and those concluded from its codes.</summary>
internal sealed record SecurityLabels
{
    public static SecurityLabels None { get; } = new();

    /// <summary>The highest level stated; null where none is. A level of a code system we know by a code we do not is very restricted.</summary>
    public Confidentiality? Stated { get; init; }

    /// <summary>Codes, sorted, each once; so are the other lists.</summary>
    public IReadOnlyList<string> Sensitivities { get; init; } = [];
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>Obligations and refrains.</summary>
    public IReadOnlyList<string> Handling { get; init; } = [];

    /// <summary>What we do not know, as <c>system|code</c>: kept, counted, and matched by nothing but itself.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>Rules that concluded labels from codes, as <c>id/version</c>; empty when all labels are the EHR's own.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>Of a label system by a code we do not know, or of no system: it may mean anything that is restricted.</summary>
    public bool Doubtful { get; init; }

    /// <summary>Labels stand there that cannot be read.</summary>
    public bool Unreadable { get; init; }

    public bool IsPart2 => Policies.Contains(LabelSystems.Part2);

    /// <summary>What it must be handled as: what is sensitive or under a law of its own is never less than restricted, whatever else is stated.</summary>
    public Confidentiality Level => Max(Stated ?? Confidentiality.Normal, Unreadable ? Confidentiality.VeryRestricted : IsSpecial ? Confidentiality.Restricted : Confidentiality.Unrestricted);

    private bool IsSpecial => Doubtful || Sensitivities.Count > 0 || Policies.Any(p => p is LabelSystems.Part2 or "HIPAAPsyNotes" or "Title38Section7332");

    /// <summary>Both together: the higher level, the union of all else.</summary>
    public SecurityLabels With(SecurityLabels other)
        => ReferenceEquals(other, None) ? this : ReferenceEquals(this, None) ? other : new SecurityLabels
        {
            Stated = Stated is { } mine && other.Stated is { } theirs ? Max(mine, theirs) : Stated ?? other.Stated,
            Sensitivities = Union(Sensitivities, other.Sensitivities),
            Policies = Union(Policies, other.Policies),
            Handling = Union(Handling, other.Handling),
            Unknown = Union(Unknown, other.Unknown),
            Rules = Union(Rules, other.Rules),
            Doubtful = Doubtful || other.Doubtful,
            Unreadable = Unreadable || other.Unreadable,
        };

    public bool SaysMoreThan(SecurityLabels other)
        => Level > other.Level || (Unreadable && !other.Unreadable) || (Doubtful && !other.Doubtful)
            || Sensitivities.Except(other.Sensitivities).Any() || Policies.Except(other.Policies).Any()
            || Handling.Except(other.Handling).Any() || Unknown.Except(other.Unknown).Any();

    /// <summary>One label as it is written: of <c>meta.security</c>, or of a Consent's <c>securityLabel</c>.</summary>
    public static SecurityLabels Of(string? system, string? code)
    {
        if (string.IsNullOrEmpty(code)) return new SecurityLabels { Unreadable = true };
        string[] one = [code], unknown = [$"{system}|{code}"];

        // Without a system it may well mean what it would with one; that much is heeded, and never less than restricted.
        if (string.IsNullOrEmpty(system))
            return Of(ConfidentialityCodes.Parse(code) is null ? LabelSystems.ActCode : LabelSystems.ConfidentialitySystem, code) with { Doubtful = true, Unknown = unknown };
        return LabelSystems.KindOf(system, code) switch
        {
            // Codes of the system's early editions (ETH, HIV, PSY, SDV) name what the record is about.
            LabelKind.Confidentiality when ConfidentialityCodes.Parse(code) is null && LabelSystems.IsSensitivity(code) => new SecurityLabels { Sensitivities = one },
            LabelKind.Confidentiality when ConfidentialityCodes.Parse(code) is null => new SecurityLabels { Stated = Confidentiality.VeryRestricted, Unknown = unknown },
            LabelKind.Confidentiality => new SecurityLabels { Stated = ConfidentialityCodes.Parse(code) },
            LabelKind.Sensitivity => new SecurityLabels { Sensitivities = one },
            LabelKind.Policy => new SecurityLabels { Policies = one },
            LabelKind.Handling => new SecurityLabels { Handling = one },
            _ => new SecurityLabels { Unknown = unknown, Doubtful = LabelSystems.IsOfLabels(system) },
        };
    }

    /// <summary>Reads <c>meta.security</c>; never fails, for what cannot be read is told by <see cref="Unreadable"/>.</summary>
    /// <param name="reader">On the value of <c>meta</c>; afterwards at its end.</param>
    /// <param name="book">What it says of a code that is no label to us, that label means.</param>
    public static SecurityLabels ReadMeta(ref Utf8JsonReader reader, LabelBook book)
    {
        var labels = None;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return labels;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool security = reader.ValueTextEquals("security"u8);
            reader.Read();
            if (!security || reader.TokenType == JsonTokenType.Null)
            {
                reader.Skip();
                continue;
            }

            if (reader.TokenType != JsonTokenType.StartArray)
            {
                labels = labels.With(new SecurityLabels { Unreadable = true });
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) labels = labels.With(ReadCoding(ref reader, book));
        }

        return labels;
    }

    /// <summary>Labels written as CodeableConcepts; one in words alone is a label that cannot be read.</summary>
    /// <param name="reader">On the value of <c>securityLabel</c>; afterwards at its end.</param>
    public static SecurityLabels ReadConcepts(ref Utf8JsonReader reader, LabelBook book)
    {
        if (reader.TokenType == JsonTokenType.Null) return None;
        var unreadable = new SecurityLabels { Unreadable = true };
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return unreadable;
        }

        var labels = None;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var one = None;
            if (reader.TokenType != JsonTokenType.StartObject) reader.Skip();
            else
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    bool coding = reader.ValueTextEquals("coding"u8);
                    reader.Read();
                    if (!coding || reader.TokenType != JsonTokenType.StartArray) reader.Skip();
                    else while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) one = one.With(ReadCoding(ref reader, book));
                }
            }

            labels = labels.With(ReferenceEquals(one, None) ? unreadable : one);
        }

        return labels;
    }

    private static SecurityLabels ReadCoding(ref Utf8JsonReader reader, LabelBook book)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return new SecurityLabels { Unreadable = true };
        }

        string? system = null, code = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isSystem = reader.ValueTextEquals("system"u8), isCode = reader.ValueTextEquals("code"u8);
            reader.Read();
            if (reader.TokenType == JsonTokenType.String && isSystem) system = reader.GetString();
            else if (reader.TokenType == JsonTokenType.String && isCode) code = reader.GetString();
            else reader.Skip();
        }

        var labels = Of(system, code);
        return labels.Unknown.Count > 0 && system is not null && code is not null ? labels.With(book.Of(system, code)) : labels;
    }

    private static Confidentiality Max(Confidentiality one, Confidentiality other) => one > other ? one : other;

    private static IReadOnlyList<string> Union(IReadOnlyList<string> one, IReadOnlyList<string> other)
        => other.Count == 0 ? one : one.Count == 0 ? other : [.. one.Union(other, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
