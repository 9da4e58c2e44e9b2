namespace ReferralService.Intake.Access;

/// <summary>The caller who was let in: left with the request by <see cref="ApiAccess"/>, for answers that show more to some, and for the record of what was done by hand.</summary>
/// <param name="Name">Name of the key or of the account; <c>local</c> where there are no keys.</param>
internal sealed record Caller(string Name, ApiRole Role)
{
    /// <summary>Who calls where nobody has to say who he is: a program on this machine.</summary>
    public static readonly Caller Local = new("local", ApiRole.Privacy);

    /// <summary>Null where nobody judged the caller.</summary>
    public static Caller? Of(HttpContext context) => context.Features.Get<Caller>();

    /// <summary>False where nobody judged the caller.</summary>
    public static bool MayReadRecords(HttpContext context) => Of(context) is { Role: >= ApiRole.Privacy };
}
