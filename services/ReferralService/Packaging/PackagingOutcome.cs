namespace ReferralService.Packaging;

/// <summary>How much of one type a package carries.</summary>
internal sealed record TypeTally(string Type, int Entries, long Bytes);

/// <summary>What packaging gave. Closed.</summary>
internal abstract record PackagingOutcome
{
    private PackagingOutcome() { }

    /// <summary>The Bundle was written whole to the stream given.</summary>
    public sealed record Packaged(PackageManifest Manifest, int Entries) : PackagingOutcome
    {
        /// <summary>What is carried, by type; what we write ourselves is not counted.</summary>
        public IReadOnlyList<TypeTally> Carried { get; init; } = [];
    }

    /// <summary>No package can be made of this record: code, element path, one static sentence.</summary>
    public sealed record Impossible(string Code, string? Path, string Message) : PackagingOutcome;
}
