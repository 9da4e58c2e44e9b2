using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ReferralService.Status.Webhooks;

/// <summary>The header <c>webhook-signature</c> of Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).</summary>
internal static class WebhookSignature
{
    /// <summary><c>v1,</c> and the base64 of HMAC-SHA256 over <c>id.timestamp.body</c>, one for each secret, apart by a space: the receiver needs to know one of them.</summary>
    /// <param name="timestamp">Of this sending; written in seconds.</param>
    public static string Of(IReadOnlyList<ReadOnlyMemory<byte>> secrets, string id, DateTimeOffset timestamp, ReadOnlyMemory<byte> body)
    {
        var head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp.ToUnixTimeSeconds()}."));
        return string.Join(' ', secrets.Select(secret =>
        {
            using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret.Span);
            hmac.AppendData(head);
            hmac.AppendData(body.Span);
            return "v1," + Convert.ToBase64String(hmac.GetHashAndReset());
        }));
    }
}
