namespace ReferralService.Gathering;

/// <summary>A server says that it did not search by the patient, and gives somebody else's.</summary>
internal sealed class FilterIgnoredException() : Exception("The EHR ignored the patient it was asked about.");

/// <summary>A hit of a type that must be in the record whole cannot be read safely.</summary>
internal sealed class UnreadableHitException(string type) : Exception($"A resource of type {type} cannot be read.")
{
    public string Type { get; } = type;
}

/// <summary>The server answered the first page of a search and twice did not know the next one any more.</summary>
internal sealed class WalkForgottenException(string type, Exception inner) : Exception($"A search for {type} ended before its last page.", inner);
