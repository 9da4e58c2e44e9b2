namespace ReferralService.Intake.Access;

/// <summary>What an address asks of its caller.</summary>
/// <param name="Role">Null: anyone may call; what there is to guard is guarded there (a hook's secret, the form that signs in).</param>
/// <param name="Listed">False: no row is about it.</param>
/// <param name="BySession">False: it gives the record itself, so that who has a session takes the page on which he says what for.</param>
internal readonly record struct AccessNeed(ApiRole? Role, bool Listed, bool BySession = true);

/// <summary>Which role which address needs, for programs and for people in front of the pages. One row per kind of address; what is in no row needs the highest role.</summary>
internal static class ApiAccessTable
{
    private const string Any = "*";

    /// <summary><c>*</c> stands for one segment (or any method), <c>**</c> at the end for any number. The first row that fits counts.</summary>
    private static readonly (string Method, string[] Path, ApiRole? Role, bool BySession)[] Rows =
    [
        // Open to anyone; the hooks first, since they come by the thousand.
        Row(Any, "fhir/notify/**", null),
        Row(Any, "fhir/metadata", null),
        Row(Any, "health/live", null),
        Row(Any, "health/ready", null),
        Row(Any, "health/startup", null),
        Row("GET", "assets/**", null),
        Row("GET", "sign-in/**", null),
        Row("POST", "sign-in", null),

        // For programs.
        Row("GET", "api/referrals", ApiRole.Viewer),
        Row("POST", "api/referrals", ApiRole.Operator),
        Row("POST", "api/referrals/preview", ApiRole.Privacy, bySession: false),
        Row("GET", "api/referrals/*", ApiRole.Viewer),
        Row("GET", "api/referrals/*/package", ApiRole.Privacy, bySession: false),
        Row("GET", "api/referrals/*/manifest", ApiRole.Privacy, bySession: false),
        Row("POST", "api/referrals/*/retry", ApiRole.Operator),
        Row("POST", "api/referrals/*/cancel", ApiRole.Operator),
        Row("GET", "api/partners", ApiRole.Viewer),
        Row("POST", "api/partners/*/pause", ApiRole.Operator),
        Row("POST", "api/partners/*/resume", ApiRole.Operator),
        Row("GET", "api/actions", ApiRole.Viewer),
        Row("GET", "api/problems", ApiRole.Viewer),
        Row("GET", "api/bulk", ApiRole.Viewer),
        Row("POST", "api/bulk", ApiRole.Operator),
        Row("GET", "api/bulk/*", ApiRole.Viewer),
        Row("POST", "api/bulk/preview", ApiRole.Operator),
        Row("POST", "api/bulk/*/run", ApiRole.Operator),
        Row("POST", "api/bulk/*/cancel", ApiRole.Operator),
        Row("GET", "api/dead-letters", ApiRole.Viewer),
        Row("GET", "metrics", ApiRole.Viewer),
        Row("GET", "health/detail", ApiRole.Viewer),
        Row("GET", "contracts/**", ApiRole.Viewer),
        Row("GET", "openapi/**", ApiRole.Viewer),
        Row("GET", "fhir/AuditEvent", ApiRole.Viewer),
        Row("GET", "fhir/AuditEvent/*", ApiRole.Viewer),

        // Pages.
        Row("GET", "", ApiRole.Viewer),
        Row("GET", "live", ApiRole.Viewer),
        Row("GET", "referrals", ApiRole.Viewer),
        Row("GET", "referrals/*", ApiRole.Viewer),
        Row("POST", "referrals/*/retry", ApiRole.Operator),
        Row("POST", "referrals/*/cancel", ApiRole.Operator),
        Row("POST", "referrals/*/forward", ApiRole.Operator),
        Row("POST", "referrals/*/reveal", ApiRole.Privacy),
        Row("POST", "referrals/*/package", ApiRole.Privacy),
        Row("GET", "problems", ApiRole.Viewer),
        Row("GET", "bulk", ApiRole.Viewer),
        Row("GET", "bulk/*", ApiRole.Viewer),
        Row("POST", "bulk", ApiRole.Operator),
        Row("POST", "bulk/preview", ApiRole.Operator),
        Row("POST", "bulk/*/run", ApiRole.Operator),
        Row("POST", "bulk/*/cancel", ApiRole.Operator),
        Row("GET", "partners", ApiRole.Viewer),
        Row("POST", "partners/*/*/pause", ApiRole.Operator),
        Row("POST", "partners/*/*/resume", ApiRole.Operator),
        Row("GET", "dead-letters", ApiRole.Viewer),
        Row("POST", "dead-letters/reveal", ApiRole.Privacy),
        Row("POST", "dead-letters/**", ApiRole.Operator),
        Row("GET", "audit", ApiRole.Viewer),
        Row("GET", "runbook", ApiRole.Viewer),
        Row("POST", "sign-out", ApiRole.Viewer),
    ];

    /// <summary>Case and doubled slashes make no difference, as for routing.</summary>
    public static AccessNeed Of(string method, string path)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var asked = HttpMethods.IsHead(method) ? "GET" : method;
        foreach (var (rowMethod, rowPath, role, bySession) in Rows)
        {
            if ((rowMethod == Any || rowMethod.Equals(asked, StringComparison.OrdinalIgnoreCase)) && Fits(segments, rowPath)) return new(role, Listed: true, bySession);
        }

        return new(ApiRole.Privacy, Listed: false);
    }

    private static (string Method, string[] Path, ApiRole? Role, bool BySession) Row(string method, string path, ApiRole? role, bool bySession = true)
        => (method, path.Split('/', StringSplitOptions.RemoveEmptyEntries), role, bySession);

    private static bool Fits(string[] segments, string[] row)
    {
        bool open = row is [.., "**"];
        int length = open ? row.Length - 1 : row.Length;
        return (open ? segments.Length >= length : segments.Length == length)
            && row.Take(length).Zip(segments).All(pair => pair.First == Any || pair.First.Equals(pair.Second, StringComparison.OrdinalIgnoreCase));
    }
}
