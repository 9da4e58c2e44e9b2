using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Files;

/// <summary>A file that stands behind a plain URL and is no resource of the EHR's.</summary>
/// <param name="Key">As what it is kept: the same for the same file, however its URL is signed this time.</param>
/// <param name="Url">Absolute, as it is written; may carry a signature, which opens the file to whoever reads it.</param>
internal sealed record FileLink(ResourceKey Key, string Url)
{
    private static readonly HashSet<string> Signatures = new(StringComparer.OrdinalIgnoreCase) { "Signature", "sig", "X-Amz-Signature", "X-Goog-Signature" };

    /// <summary>
    /// What stands beside a signature in the presigned URLs of Amazon S3 and CloudFront, Google Cloud Storage, Azure and what follows them: who may read and until when, not
    /// which file. What is not known to be that (a token, too) counts: a second download costs less than a wrong file.
    /// </summary>
    private static readonly HashSet<string> Signing = new(StringComparer.OrdinalIgnoreCase)
    {
        "Expires", "Policy", "Key-Pair-Id", "AWSAccessKeyId", "GoogleAccessId", "se", "st", "sp", "spr", "sv", "sr", "skoid", "sktid", "skt", "ske", "sks", "skv",
    };

    private static readonly string[] SigningPrefixes = ["X-Amz-", "X-Goog-"];

    /// <summary>Scheme, host and path: what may be shown.</summary>
    public string Shown => Show(Url);

    public static FileLink Of(Uri url, string written)
    {
        string[] query = url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries);
        bool signed = query.Any(p => Signatures.Contains(NameOf(p)));
        string name = string.Join('&', [Show(written), .. query.Where(p => !signed || !IsSigning(NameOf(p)))]);
        return new FileLink(new ResourceKey("Binary", NameBasedUuid.Create(NameBasedUuid.Url, name).ToString("D")), written);
    }

    /// <summary>A URL without user, query and fragment.</summary>
    public static string Show(string url)
    {
        var uri = new Uri(url);
        return uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
    }

    /// <summary>A URL as a resource writes it, in the words of a gap.</summary>
    public static string ShowWritten(string written, string ehrBase)
        => Uri.TryCreate(new Uri($"{ehrBase}/"), written, out var url) && url.Scheme is "http" or "https" ? Show(url.AbsoluteUri) : written;

    private static string NameOf(string parameter) => parameter.Split('=')[0];

    private static bool IsSigning(string parameter)
        => Signatures.Contains(parameter) || Signing.Contains(parameter) || SigningPrefixes.Any(p => parameter.StartsWith(p, StringComparison.OrdinalIgnoreCase));
}
