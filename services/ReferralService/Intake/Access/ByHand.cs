using ReferralService.Ledger;

namespace ReferralService.Intake.Access;

/// <summary>Begins the record of what a caller does by hand.</summary>
internal static class ByHand
{
    /// <param name="action">Of <see cref="OperatorActs"/>.</param>
    /// <param name="now">When it was asked for.</param>
    public static OperatorAction Act(HttpContext context, string action, DateTimeOffset now) => Act(Caller.Of(context), action, now);

    /// <param name="caller">Null where nobody judged the caller.</param>
    public static OperatorAction Act(Caller? caller, string action, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        At = now,
        Actor = caller?.Name ?? "unknown",
        Role = caller?.Role.ToString().ToLowerInvariant() ?? "none",
        Action = action,
    };
}
