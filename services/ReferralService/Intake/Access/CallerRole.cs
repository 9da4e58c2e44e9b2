namespace ReferralService.Intake.Access;

/// <summary>What the caller who was let in may do, for answers that show more to some: left with the request by <see cref="ApiAccess"/>.</summary>
internal sealed record CallerRole(ApiRole Role)
{
    /// <summary>False where nobody judged the caller.</summary>
    public static bool MayReadRecords(HttpContext context) => context.Features.Get<CallerRole>() is { Role: >= ApiRole.Privacy };
}
