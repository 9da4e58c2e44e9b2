using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Files;

/// <summary>What following references knows of files: which text leads to which of them, how each was described, and which turned out to be one.</summary>
/// <remarks>Used by one thread, in the order of the references: so the same answers give the same record.</remarks>
internal sealed class FileTrail(RecordIndex index, FileOrigins origins)
{
    private readonly Dictionary<ResourceKey, Known> _files = [];

    /// <summary>Of linked files, by SHA-256 of their bytes.</summary>
    private readonly Dictionary<string, ResourceKey> _byContent = new(StringComparer.Ordinal);
    private (ResourceKey Of, Dictionary<string, FileAsk> Asks)? _read;
    private byte[] _buffer = [];

    private sealed class Known
    {
        public FileLink? Link { get; set; }

        public List<(FileAsk Ask, string Rule)> Asks { get; } = [];

        public HashSet<string> Texts { get; } = new(StringComparer.Ordinal);

        public Fhir.Client.FileDigest? Came { get; set; }

        /// <summary>The file it turned out to be the same as.</summary>
        public ResourceKey? Same { get; set; }
    }

    /// <summary>What is wanted, for whoever fetches it.</summary>
    public FileWish? WishFor(ResourceKey key) => _files.TryGetValue(key, out var file) ? new FileWish(file.Asks[0].Ask, file.Link, LeastSize(file)) : null;

    /// <summary>The plain URL's file; null when it must not be asked for.</summary>
    public FileLink? Find(FoundReference found) => found.Site == ReferenceSite.AttachmentUrl ? origins.Find(found.Text) : null;

    /// <summary>What is told of a plain URL that must not be asked for; null: it is none, or leads nowhere.</summary>
    public (string Shown, string Reason)? Refused(FoundReference found) => found.Site == ReferenceSite.AttachmentUrl ? origins.Refused(found.Text) : null;

    /// <summary>A resource refers to a file.</summary>
    /// <param name="link">Null: to a Binary of the EHR's.</param>
    /// <returns>As what the file is kept, or will be.</returns>
    public ResourceKey Refer(GatheredResource from, FoundReference found, string rule, ResourceKey key, FileLink? link)
    {
        if (!_files.TryGetValue(key, out var file)) _files.Add(key, file = new Known { Link = link });
        var ask = AskOf(from, found.Text);
        file.Asks.Add((ask, rule));
        if (file.Came is { } came && ask.Disagrees(came)) index.Miss(NameOf(key), GapReason.BadContent, rule);
        if (link is null) return key;
        file.Texts.Add(found.Text);
        var kept = file.Same ?? key;
        if (index.Find(kept) is not null) index.Link(found.Text, kept);
        return kept;
    }

    /// <summary>As what it is named where it is missing: never with its signature.</summary>
    public string NameOf(ResourceKey key) => _files.GetValueOrDefault(key)?.Link?.Shown ?? key.ToString();

    /// <summary>A file came. What it was said to be is compared with what it is; one that is in the record under another URL is not kept twice.</summary>
    /// <returns>The one that is in the record already; null: this one is new.</returns>
    public ResourceKey? Took(ResourceKey key, Fetched fetched)
    {
        if (!_files.TryGetValue(key, out var file) || fetched.File is not { } came) return null;
        file.Came = came;
        foreach (string rule in file.Asks.Where(a => a.Ask.Disagrees(came)).Select(a => a.Rule)) index.Miss(NameOf(key), GapReason.BadContent, rule);
        if (file.Link is null) return null;
        string content = Convert.ToHexStringLower(came.Sha256.Span);
        if (_byContent.TryGetValue(content, out var same)) file.Same = same;
        else _byContent.Add(content, key);
        foreach (string text in file.Texts) index.Link(text, file.Same ?? key);
        return file.Same;
    }

    /// <summary>One document's wrong size is no reason to miss a file that another describes rightly, or not at all.</summary>
    private static long? LeastSize(Known file) => file.Asks.TrueForAll(a => a.Ask.Size is not null) ? file.Asks.Min(a => a.Ask.Size) : null;

    private FileAsk AskOf(GatheredResource from, string url)
    {
        if (_read?.Of != from.Key) _read = (from.Key, FileAsk.AllOf(index.ThinBody(from, ref _buffer)));
        return _read.Value.Asks.GetValueOrDefault(url, FileAsk.Nothing);
    }
}
