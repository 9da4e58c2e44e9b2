namespace ReferralService.Packaging;

/// <summary>How much of one type a package carries.</summary>
internal sealed record TypeTally(string Type, int Entries, long Bytes)
{
    /// <summary>By type.</summary>
    public static IReadOnlyList<TypeTally> Of(PackageContents contents)
    {
        var tallies = new List<TypeTally>();
        string? type = null;
        int entries = 0;
        long bytes = 0;
        for (int i = 0; i < contents.Count; i++)
        {
            var resource = contents.ResourceAt(i);
            // Types stand together, but for the order and the Patient, which are first.
            if (resource.Key.Type != type)
            {
                Add(tallies, type, entries, bytes);
                (type, entries, bytes) = (resource.Key.Type, 0, 0);
            }

            (entries, bytes) = (entries + 1, bytes + resource.Length);
        }

        Add(tallies, type, entries, bytes);
        tallies.Sort(static (a, b) => string.CompareOrdinal(a.Type, b.Type));
        return tallies;
    }

    private static void Add(List<TypeTally> tallies, string? type, int entries, long bytes)
    {
        if (type is null) return;
        int at = tallies.FindIndex(t => t.Type == type);
        if (at < 0) tallies.Add(new TypeTally(type, entries, bytes));
        else tallies[at] = new TypeTally(type, tallies[at].Entries + entries, tallies[at].Bytes + bytes);
    }
}

/// <summary>What packaging gave. Closed.</summary>
internal abstract record PackagingOutcome
{
    private PackagingOutcome() { }

    /// <summary>The Bundle was written whole to the stream given.</summary>
    /// <remarks>Disposed of when the manifest has been written: its lines are read from the contents, whose room is pooled. Not disposed of it is garbage, no more.</remarks>
    public sealed record Packaged(PackageManifest Manifest, int Entries) : PackagingOutcome, IDisposable
    {
        /// <summary>What is carried, by type; what we write ourselves is not counted.</summary>
        public IReadOnlyList<TypeTally> Carried { get; init; } = [];

        /// <summary>Given back with this.</summary>
        public PackageContents? Contents { private get; init; }

        public void Dispose() => Contents?.Dispose();
    }

    /// <summary>No package can be made of this record: code, element path, one static sentence.</summary>
    public sealed record Impossible(string Code, string? Path, string Message) : PackagingOutcome;
}
