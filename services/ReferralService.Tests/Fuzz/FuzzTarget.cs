namespace ReferralService.Tests.Fuzz;

/// <summary>A reader and what must hold of it for any bytes whatever.</summary>
/// <param name="Name">As a sentence's subject: "the notification reader".</param>
/// <param name="Weight">Its share of the inputs.</param>
/// <param name="Seeds">What mutations begin with, given the run's seed.</param>
/// <param name="Read">True when the input was read, false when it was refused as it should be. Any exception is a find.</param>
internal sealed record FuzzTarget(string Name, int Weight, Func<ulong, byte[][]> Seeds, Func<byte[], bool> Read)
{
    /// <summary>Every reader of what others send or write.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } = [.. FhirTargets.All, .. IntakeTargets.All, .. SettingsTargets.All, ThinningTarget.It];

    public override string ToString() => Name;
}
