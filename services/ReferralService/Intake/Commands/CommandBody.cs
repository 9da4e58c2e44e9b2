using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Unicode;
using ReferralService.Contracts;

namespace ReferralService.Intake.Commands;

/// <summary>What the bytes on queue <c>referral.commands</c> are.</summary>
internal abstract record CommandBody
{
    /// <summary>Longest command in bytes.</summary>
    public const int MaxBytes = 64 << 10;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    private CommandBody() { }

    /// <param name="BodySha256">Of the command as we write it, in lower-case hexadecimal: white space and unknown members make no other command.</param>
    public sealed record Readable(ReferralCommand Command, string BodySha256) : CommandBody;

    /// <summary>It has an id, so its sender can be told, but it is none of our commands.</summary>
    public sealed record Malformed(Guid Id, string Code, string Message) : CommandBody;

    /// <param name="Reason">Of Contracts.ReasonCodes.</param>
    public sealed record Unreadable(string Reason) : CommandBody;

    /// <summary>Never throws.</summary>
    public static CommandBody Read(ReadOnlyMemory<byte> body)
    {
        if (body.Length > MaxBytes) return new Unreadable(ReasonCodes.TooLarge);
        if (!Utf8.IsValid(body.Span)) return new Unreadable(ReasonCodes.Unreadable);
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text that holds half of a surrogate pair.
            return new Unreadable(ReasonCodes.Unreadable);
        }
    }

    private static CommandBody Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) return new Unreadable(ReasonCodes.Unreadable);
        // Before anything else: of another major version even "id" may mean something else. Members we do not know are no matter.
        if (!IsOurVersion(root, "version") || !IsOurVersion(root, "specversion")) return new Unreadable(ReasonCodes.UnsupportedVersion);
        if (!root.TryGetProperty("id", out var given) || given.ValueKind != JsonValueKind.String || !given.TryGetGuid(out var id))
            return new Unreadable(ReasonCodes.Unreadable);
        if (!root.TryGetProperty("command", out var name) || name.ValueKind != JsonValueKind.String || name.GetString() is not ("submit" or "retry" or "cancel"))
            return new Malformed(id, ReasonCodes.UnknownCommand, "command must be submit, retry or cancel.");
        try
        {
            var command = root.Deserialize(ContractsJson.Default.ReferralCommand)!;
            return new Readable(command, Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(command, ContractsJson.Default.ReferralCommand))));
        }
        catch (JsonException)
        {
            return new Malformed(id, ReasonCodes.BadRequest, "A member is missing or has the wrong type; contracts/schemas has the form of each command.");
        }
    }

    /// <summary>1 or 1.anything, as a text or a number; not given means 1.</summary>
    private static bool IsOurVersion(JsonElement root, string member)
    {
        if (!root.TryGetProperty(member, out var given)) return true;
        var text = given.ValueKind switch { JsonValueKind.String => given.GetString()!, JsonValueKind.Number => given.GetRawText(), _ => "" };
        return text == "1" || text.StartsWith("1.", StringComparison.Ordinal);
    }
}
