using System.Text.Json;

namespace ReferralService.Packaging.Withholding;

/// <summary>What a decision needs to know of a resource's content, read in one forward pass.</summary>
/// <param name="Labels">Its own, and those its codes lead to.</param>
/// <param name="When">From its earliest to its latest clinical date; null when it has none that can be read.</param>
internal sealed record ResourceTraits(SecurityLabels Labels, DateSpan? When)
{
    /// <summary>Of what bears no label and is not asked for its date.</summary>
    public static ResourceTraits Plain { get; } = new(SecurityLabels.None, null);

    private const int MaxDepth = 128;

    /// <summary>Of all types, when something was, was done, or was written. Choices of types are named by their beginning.</summary>
    private static readonly byte[][] Dates =
    [
        "effective"u8.ToArray(), "onset"u8.ToArray(), "abatement"u8.ToArray(), "occurrence"u8.ToArray(), "performed"u8.ToArray(), "started"u8.ToArray(), "authoredOn"u8.ToArray(),
        "authored"u8.ToArray(), "date"u8.ToArray(), "dateTime"u8.ToArray(), "dateAsserted"u8.ToArray(), "recordedDate"u8.ToArray(), "recorded"u8.ToArray(), "period"u8.ToArray(),
        "issued"u8.ToArray(), "created"u8.ToArray(), "receivedTime"u8.ToArray(), "whenHandedOver"u8.ToArray(), "whenPrepared"u8.ToArray(), "collected"u8.ToArray(),
    ];

    private static readonly byte[][] DateTypes =
        [[], "DateTime"u8.ToArray(), "Period"u8.ToArray(), "Instant"u8.ToArray(), "Date"u8.ToArray()];

    /// <summary>
    /// Labels are <c>meta.security</c>, also of what is contained and of the entries of a Bundle (R4 wants none on what is contained; one that is there means something),
    /// DocumentReference.securityLabel, Composition.confidentiality, and whatever else is coded as a label inside, such as DS4P's inline labels: all of a resource goes or none.
    /// </summary>
    /// <param name="utf8">A whole resource, known to be JSON.</param>
    /// <param name="book">A code counts wherever a coding stands, contained resources included: what a report's finding is coded with, the report is about.</param>
    public static ResourceTraits Read(ReadOnlySpan<byte> utf8, LabelBook book)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        var labels = SecurityLabels.None;
        DateSpan? when = null;
        Stack<(string? System, string? Code)>? open = null;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("meta"u8))
            {
                reader.Read();
                labels = labels.With(SecurityLabels.ReadMeta(ref reader, book));
                continue;
            }

            if (reader.ValueTextEquals("securityLabel"u8))
            {
                reader.Read();
                labels = labels.With(SecurityLabels.ReadConcepts(ref reader, book));
                continue;
            }

            bool isDate = IsDate(reader.ValueSpan), isLevel = reader.ValueTextEquals("confidentiality"u8);
            reader.Read();
            if (isLevel && reader.TokenType == JsonTokenType.String) labels = labels.With(SecurityLabels.Of(LabelSystems.ConfidentialitySystem, reader.GetString()));
            if (isDate && Span(reader) is { } span) when = when is { } before ? before.With(span) : span;
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject) labels = labels.With(ReadCodes(ref reader, book, open ??= new()));
        }

        return new ResourceTraits(labels, when);
    }

    /// <summary>The labels of every coding at or below the value the reader stands on, which is then passed.</summary>
    private static SecurityLabels ReadCodes(ref Utf8JsonReader reader, LabelBook book, Stack<(string? System, string? Code)> open)
    {
        var labels = SecurityLabels.None;
        int end = reader.CurrentDepth;
        if (reader.TokenType == JsonTokenType.StartObject) open.Push(default);
        while (reader.Read() && reader.CurrentDepth > end)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    open.Push(default);
                    break;
                case JsonTokenType.EndObject:
                    labels = Close(open, labels, book);
                    break;
                case JsonTokenType.PropertyName when reader.ValueTextEquals("meta"u8):
                    reader.Read();
                    labels = labels.With(SecurityLabels.ReadMeta(ref reader, book));
                    break;
                case JsonTokenType.PropertyName when reader.ValueTextEquals("confidentiality"u8):
                    // Composition's, of a document that is contained or enclosed; no other element of R4 is named so.
                    reader.Read();
                    if (reader.TokenType == JsonTokenType.String) labels = labels.With(SecurityLabels.Of(LabelSystems.ConfidentialitySystem, reader.GetString()));
                    else if (reader.TokenType == JsonTokenType.StartObject) open.Push(default);
                    break;
                case JsonTokenType.PropertyName:
                    bool isSystem = reader.ValueTextEquals("system"u8), isCode = reader.ValueTextEquals("code"u8);
                    if (!isSystem && !isCode) break;
                    reader.Read();
                    if (reader.TokenType == JsonTokenType.StartObject) open.Push(default);
                    if (reader.TokenType != JsonTokenType.String) break;
                    var coding = open.Pop();
                    open.Push(isSystem ? (reader.GetString(), coding.Code) : (coding.System, reader.GetString()));
                    break;
            }
        }

        return open.Count > 0 ? Close(open, labels, book) : labels;
    }

    private static SecurityLabels Close(Stack<(string? System, string? Code)> open, SecurityLabels labels, LabelBook book)
        => open.Pop() is not ({ } system, { } code) ? labels
            : LabelSystems.KindOf(system, code) == LabelKind.Unknown ? labels.With(book.Of(system, code))
            : labels.With(SecurityLabels.Of(system, code));

    private static bool IsDate(ReadOnlySpan<byte> name)
    {
        foreach (byte[] stem in Dates)
        {
            if (!name.StartsWith(stem)) continue;
            foreach (byte[] type in DateTypes)
            {
                if (name[stem.Length..].SequenceEqual(type)) return true;
            }
        }

        return false;
    }

    /// <summary>Takes the reader by value: the caller reads the same element again.</summary>
    private static DateSpan? Span(Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String) return DateSpan.Of(reader.GetString());
        if (reader.TokenType != JsonTokenType.StartObject) return null;
        string? start = null, end = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isStart = reader.ValueTextEquals("start"u8), isEnd = reader.ValueTextEquals("end"u8);
            reader.Read();
            if (reader.TokenType == JsonTokenType.String && isStart) start = reader.GetString();
            else if (reader.TokenType == JsonTokenType.String && isEnd) end = reader.GetString();
            else reader.Skip();
        }

        return start is null && end is null ? null : DateSpan.Of(start, end);
    }
}
