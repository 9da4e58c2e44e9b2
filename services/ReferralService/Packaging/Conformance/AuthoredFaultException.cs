namespace ReferralService.Packaging.Conformance;

/// <summary>Something that we wrote ourselves is not as R4 says: a fault of this program.</summary>
/// <param name="path">Of the element; says nothing of what stands there.</param>
internal sealed class AuthoredFaultException(string path, string code) : Exception($"What was written at {path} is not as R4 says ({code}).")
{
    public string Path { get; } = path;
}
