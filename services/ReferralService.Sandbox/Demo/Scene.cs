using ReferralService.Sandbox.SyntheticPatients;

namespace ReferralService.Sandbox.Demo;

/// <summary>One referral of the demo: what is special about it and how it must end.</summary>
/// <param name="Before">Before the order is written.</param>
/// <param name="HeldFor">The code it must first be held with; then it is retried for <paramref name="GivenTo"/> (null: for nobody else than before).</param>
/// <param name="WhenHeld">Before it is retried.</param>
/// <param name="After">Once it is delivered.</param>
internal sealed record Scene(
    string Name, string Title, SecondOpinionCase Case, string Recipient, Act? Before = null, string? HeldFor = null, string? GivenTo = null, Act? WhenHeld = null, IReadOnlyList<Act>? After = null)
{
    /// <summary>What happens to the order when the service hears of it.</summary>
    public string Written { get; init; } = "is written: a second opinion is asked for";
}

/// <summary>How a scene ended.</summary>
/// <param name="Referral">As the service tells it at the end; null when there never was one.</param>
/// <param name="Writes">Requests that could store something, as the consultants counted them.</param>
/// <param name="Wrong">What is not as it must be; empty when all is well.</param>
internal sealed record SceneResult(Scene Scene, ReferralFacts? Referral, int Writes, TimeSpan Took, IReadOnlyList<string> Wrong);
