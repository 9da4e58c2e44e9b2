using System.Security.Cryptography;
using System.Text;
using RabbitMQ.Client;
using ReferralService.Contracts;
using ReferralService.Ledger;

namespace ReferralService.Intake.Commands;

/// <summary>A message nobody could do anything with, without its body: that may hold anything.</summary>
/// <param name="Key">By which it is found again; two alike are the same.</param>
/// <param name="Reason">Of ReasonCodes; <see cref="NoReason"/> where it came with none of ours (from an older broker's policy, or from a stranger).</param>
/// <param name="At">When it was set aside; null of one that an older build set aside.</param>
internal sealed record DeadLetter(string Key, string Reason, DateTimeOffset? At, long Bytes)
{
    public const string NoReason = OperatorWords.NoReason;

    private const int KeyDigits = 32;

    /// <summary>Whether it looks like a <see cref="Key"/>.</summary>
    public static bool IsKey(string text) => text.Length == KeyDigits && text.All(char.IsAsciiHexDigitLower);

    public static DeadLetter Of(BasicGetResult message)
    {
        var properties = message.BasicProperties;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(message.Body.Span);
        hash.AppendData(Encoding.UTF8.GetBytes($"\n{properties.CorrelationId}\n{properties.MessageId}"));
        return new(Convert.ToHexStringLower(hash.GetHashAndReset())[..KeyDigits], ReasonOf(properties), AtOf(properties), message.Body.Length);
    }

    private static string ReasonOf(IReadOnlyBasicProperties properties)
        => properties.Headers is { } headers && headers.TryGetValue("reason", out var given) && given is byte[] bytes && Encoding.UTF8.GetString(bytes) is var reason && ReasonCodes.All.Contains(reason)
            ? reason
            : NoReason;

    private static DateTimeOffset? AtOf(IReadOnlyBasicProperties properties)
        => properties.IsTimestampPresent() && properties.Timestamp.UnixTime is > 0 and < 253402300800 ? DateTimeOffset.FromUnixTimeSeconds(properties.Timestamp.UnixTime) : null;
}

/// <summary>What is in the queues of dead letters.</summary>
/// <param name="Rejected">How many in <c>referral.commands.rejected</c>.</param>
/// <param name="WakeUps">How many in <c>referral.wake-ups.dead</c>; null: there is no such queue.</param>
/// <param name="Oldest">Of the rejected those that come first, as many as were looked at.</param>
internal sealed record DeadLetterLook(int Rejected, int? WakeUps, IReadOnlyList<DeadLetter> Oldest);

/// <summary>The broker does not do it.</summary>
internal sealed class DeadLettersAwayException(BrokerTrouble trouble) : Exception(trouble.Code)
{
    public BrokerTrouble Trouble { get; } = trouble;
}
