using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;

namespace ReferralService.RecipientDirectory;

/// <summary>What asking a recipient for its /metadata gave. Closed.</summary>
internal abstract record CapabilityAnswer
{
    private CapabilityAnswer() { }

    /// <param name="Capability">Null: it answers, but says nothing of itself.</param>
    public sealed record Told(CapabilityView? Capability, DateTimeOffset At) : CapabilityAnswer;

    /// <summary>It could not be asked, or does not let us ask.</summary>
    public sealed record Failed(FhirRequestException Failure, DateTimeOffset At) : CapabilityAnswer;

    /// <summary>It is being asked, and nobody waits for it in place: look again.</summary>
    /// <param name="For">How long it has been asked so far.</param>
    public sealed record Awaited(TimeSpan For) : CapabilityAnswer;
}
