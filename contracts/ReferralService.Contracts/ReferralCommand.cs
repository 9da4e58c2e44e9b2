using System.Text.Json.Serialization;

namespace ReferralService.Contracts;

/// <summary>What a client asks for over queue <c>referral.commands</c>; <c>command</c> says which.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "command")]
[JsonDerivedType(typeof(SubmitCommand), "submit")]
[JsonDerivedType(typeof(CancelCommand), "cancel")]
[JsonDerivedType(typeof(RetryCommand), "retry")]
public abstract record ReferralCommand
{
    private protected ReferralCommand() { }

    /// <summary>Chosen by the client, a UUID. Repeating a command under its id gives the first answer again, for 14 days; the same id with another body is refused (id-reused).</summary>
    public required Guid Id { get; init; }
}
