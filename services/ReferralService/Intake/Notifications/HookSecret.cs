using System.Security.Cryptography;
using System.Text;

namespace ReferralService.Intake.Notifications;

/// <summary>An EHR's proof of itself: its NotificationSecret as bearer token, or the HMAC-SHA256 of the body under it.</summary>
internal static class HookSecret
{
    private const string Scheme = "Bearer ";

    /// <summary>Whether Authorization carries the secret. Takes the same time whatever differs, even the length.</summary>
    public static bool IsBearer(string? authorization, string secret)
        => authorization is not null
            && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(
                SHA256.HashData(Encoding.UTF8.GetBytes(authorization[Scheme.Length..].Trim())), SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Whether X-Signature is the hexadecimal HMAC-SHA256 of the body's bytes as they came.</summary>
    public static bool IsSignature(string? signature, ReadOnlySpan<byte> body, string secret)
    {
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (signature is null || signature.Length != 2 * given.Length
            || Convert.FromHexString(signature, given, out _, out int written) != System.Buffers.OperationStatus.Done || written != given.Length)
        {
            return false;
        }

        Span<byte> wanted = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body, wanted);
        return CryptographicOperations.FixedTimeEquals(given, wanted);
    }
}
