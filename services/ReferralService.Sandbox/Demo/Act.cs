using ReferralService.Sandbox.SyntheticPatients;

namespace ReferralService.Sandbox.Demo;

/// <summary>A part of a scene beside the walk itself: it shows something and says what of it was not as it must be.</summary>
internal delegate Task Act(Desk desk, CancellationToken cancellationToken);

/// <summary>What an act works with.</summary>
/// <param name="Referral">As it was last seen; null before there is one.</param>
/// <param name="Wrong">Takes what is not as it must be.</param>
internal sealed record Desk(Stage Stage, Screen Screen, SecondOpinionCase Case, ReferralFacts? Referral, List<string> Wrong)
{
    public void Expect(bool so, string otherwise)
    {
        if (!so) Wrong.Add(otherwise);
    }
}
