namespace ReferralService.Fhir.Validation;

/// <summary>Of Timing.repeat.</summary>
internal static class TimingInvariants
{
    private static readonly string[] Meals = ["C", "CM", "CD", "CV"];

    public static IReadOnlyList<Invariant> All { get; } =
    [
        new("tim-1", ["Timing.repeat"], static e => !e.Has("duration"u8) || e.Has("durationUnit"u8)),
        new("tim-2", ["Timing.repeat"], static e => !e.Has("period"u8) || e.Has("periodUnit"u8)),
        new("tim-4", ["Timing.repeat"], static e => e.Number("duration"u8) is null or >= 0),
        new("tim-5", ["Timing.repeat"], static e => e.Number("period"u8) is null or >= 0),
        new("tim-6", ["Timing.repeat"], static e => !e.Has("periodMax"u8) || e.Has("period"u8)),
        new("tim-7", ["Timing.repeat"], static e => !e.Has("durationMax"u8) || e.Has("duration"u8)),
        new("tim-8", ["Timing.repeat"], static e => !e.Has("countMax"u8) || e.Has("count"u8)),
        new("tim-9", ["Timing.repeat"], static e => !e.Has("offset"u8) || (e.Has("when"u8) && !e.Texts("when"u8).Exists(w => Meals.Contains(w)))),
        new("tim-10", ["Timing.repeat"], static e => !e.Has("timeOfDay"u8) || !e.Has("when"u8)),
    ];
}
