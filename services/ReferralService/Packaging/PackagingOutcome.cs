namespace ReferralService.Packaging;

/// <summary>What packaging gave. Closed.</summary>
internal abstract record PackagingOutcome
{
    private PackagingOutcome() { }

    /// <summary>The Bundle was written whole to the stream given.</summary>
    public sealed record Packaged(PackageManifest Manifest, int Entries) : PackagingOutcome;

    /// <summary>No package can be made of this record: code, element path, one static sentence.</summary>
    public sealed record Impossible(string Code, string? Path, string Message) : PackagingOutcome;
}
