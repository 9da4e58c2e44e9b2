using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ReferralService.Contracts;

/// <summary>What became of a command; sent to its <c>reply-to</c> with its <c>correlation-id</c> once the ledger has it. What does not apply is absent.</summary>
public sealed record CommandAnswer
{
    /// <summary>The command's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>True: it is done, or will be. False: code says why not.</summary>
    public required bool Accepted { get; init; }

    /// <summary>The referral it was about; present when accepted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? ReferralId { get; init; }

    /// <summary>Why not: one of ReasonCodes; present when not accepted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [RegularExpression("^[a-z0-9-]{1,64}$")]
    public string? Code { get; init; }

    /// <summary>One sentence for a person that belongs to the code: static, never made of what was sent or read.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [StringLength(300)]
    public string? Message { get; init; }
}
