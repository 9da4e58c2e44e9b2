using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Files;

/// <summary>A file that stands behind a plain URL and is no resource of the EHR's.</summary>
/// <param name="Key">As what it is kept: the same for the same file, however its URL is signed this time.</param>
/// <param name="Url">Absolute, as it is written; may carry a signature, which opens the file to whoever reads it.</param>
internal sealed record FileLink(ResourceKey Key, string Url)
{
    /// <summary>Parameters that presigned URLs have from Amazon S3 and CloudFront, Google Cloud Storage, Azure and what follows them: who may read and until when, not which file.</summary>
    private static readonly HashSet<string> Signing = new(StringComparer.OrdinalIgnoreCase)
    {
        "Expires", "Signature", "Policy", "Key-Pair-Id", "AWSAccessKeyId", "GoogleAccessId", "sig", "se", "st", "sp", "spr", "sv", "sr", "skoid", "sktid", "skt", "ske", "sks", "skv", "token", "access_token",
    };

    private static readonly string[] SigningPrefixes = ["X-Amz-", "X-Goog-"];

    /// <summary>Scheme, host and path: what may be shown.</summary>
    public string Shown => Show(Url);

    public static FileLink Of(Uri url, string written)
    {
        // What else the query says may tell one file from another, so it is part of the name.
        var query = url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Where(p => !IsSigning(p.Split('=')[0]));
        string name = string.Join('&', [Show(written), .. query]);
        return new FileLink(new ResourceKey("Binary", NameBasedUuid.Create(NameBasedUuid.Url, name).ToString("D")), written);
    }

    /// <summary>A URL without user, query and fragment.</summary>
    public static string Show(string url)
    {
        var uri = new Uri(url);
        return uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
    }

    private static bool IsSigning(string parameter)
        => Signing.Contains(parameter) || SigningPrefixes.Any(p => parameter.StartsWith(p, StringComparison.OrdinalIgnoreCase));
}
