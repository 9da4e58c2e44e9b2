using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>One thing that a resource says of what it is about: a CodeableConcept, a Coding, a list of them, or a text.</summary>
internal sealed class Saying(IReadOnlyList<CodingView> codings, IReadOnlyList<string> texts)
{
    public static readonly Saying Nothing = new([], []);

    public IReadOnlyList<CodingView> Codings => codings;

    public IReadOnlyList<string> Texts => texts;

    public bool IsNothing => codings.Count == 0 && texts.Count == 0;
}

/// <summary>What a resource is about, and under which headings it is filed. Those of one record that say the same in the same words share one.</summary>
internal sealed class Topic
{
    private readonly Topic? _before;
    private readonly Saying? _said;
    private readonly bool _isCategory;
    private IReadOnlyList<CodingView>? _codes;
    private IReadOnlyList<CodingView>? _categories;
    private IReadOnlyList<string>? _texts;
    private KnownCode[]? _knownCodes;
    private KnownCode[]? _knownCategories;
    private string[]? _words;

    /// <summary>Of what says nothing.</summary>
    public Topic(string type) => (Type, IsShared) = (type, true);

    /// <param name="isShared">Others that say the same will be given this one, too.</param>
    public Topic(Topic before, Saying said, bool isCategory, bool isShared)
        => (Type, _before, _said, _isCategory, IsShared) = (before.Type, before, said, isCategory, isShared);

    public string Type { get; }

    /// <summary>What was found out of it is worth remembering.</summary>
    public bool IsShared { get; }

    /// <summary>Of what it is about: code, type, vaccineCode, medicationCodeableConcept, modality, procedureCode; in the order of their elements.</summary>
    public IReadOnlyList<CodingView> Codes => _codes ??= Codings(category: false);

    public IReadOnlyList<CodingView> Categories => _categories ??= Codings(category: true);

    /// <summary>What people wrote beside those codes: texts and displays of code and category, description.</summary>
    public IReadOnlyList<string> Texts => _texts ??= [.. Said().SelectMany(t => t._said!.Texts)];

    /// <summary>The codes as plans name them.</summary>
    public KnownCode[] KnownCodes => _knownCodes ??= KnownCode.Of(Codes);

    public KnownCode[] KnownCategories => _knownCategories ??= KnownCode.Of(Categories);

    /// <summary>The texts as words are looked for in them.</summary>
    public string[] Words => _words ??= [.. Texts.Select(WordSet.Words)];

    private CodingView[] Codings(bool category) => [.. Said().Where(t => t._isCategory == category).SelectMany(t => t._said!.Codings)];

    private IEnumerable<Topic> Said() => _before is null ? [] : _before.Said().Append(this);
}
