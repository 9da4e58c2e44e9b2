using System.Globalization;

namespace ReferralService.Gathering;

/// <summary>Which of two versions of one resource is the newer.</summary>
internal static class ResourceAge
{
    /// <summary>A total order of what may come of one id, so that the one that stays is the same whatever came first: by instant, then by number of the version (none is
    /// before all numbers: versions need not be numbers, and only numbers tell which is newer), then by digest.</summary>
    public static int Compare(GatheredResource one, GatheredResource other)
    {
        if (Nullable.Compare(FhirDate.Instant(one.LastUpdated), FhirDate.Instant(other.LastUpdated)) is var byTime and not 0) return byTime;
        if (Nullable.Compare(Number(one.VersionId), Number(other.VersionId)) is var byVersion and not 0) return byVersion;
        return one.Sha256.CompareTo(other.Sha256);
    }

    private static long? Number(string? versionId) => long.TryParse(versionId, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
