using ReferralService.Fhir.Resources;
using ReferralService.Gathering;

namespace ReferralService.Packaging.Withholding;

/// <summary>What of a record goes to a recipient. Closed.</summary>
internal abstract record Disclosure
{
    private Disclosure() { }

    /// <param name="Record">What is carried; it shares the spool of the record it was made from.</param>
    /// <param name="Withheld">For the manifest: each with what decided.</param>
    /// <param name="Marks">The high-water mark.</param>
    /// <param name="Notice">The text that must travel with it; null: none.</param>
    public sealed record Decided(
        GatheredRecord Record, IReadOnlyList<ManifestOmission> Withheld, IReadOnlyList<CodingView> Marks, string? Notice, ConsentAccount Account) : Disclosure;

    /// <summary>The order or the Patient may not go, so nothing may.</summary>
    public sealed record Refused(string Code, string Path, string Message) : Disclosure;
}
