namespace ReferralService.Gathering;

/// <summary>The record is larger than it may be. <see cref="Code"/> is too-large or too-costly.</summary>
internal sealed class RecordLimitException(string code) : Exception($"The record exceeds a limit ({code}).")
{
    public string Code { get; } = code;
}
