namespace ReferralService.Intake.Access;

/// <summary>Which role which address needs: interfaces, "Who may call /api". One row per kind of address; what is in no row needs the highest.</summary>
internal static class ApiAccessTable
{
    /// <summary><c>*</c> stands for one segment. The first row that fits counts.</summary>
    private static readonly (string Method, string[] Path, ApiRole Role)[] Rows =
    [
        ("GET", ["api", "referrals"], ApiRole.Viewer),
        ("POST", ["api", "referrals"], ApiRole.Operator),
        ("POST", ["api", "referrals", "preview"], ApiRole.Privacy),
        ("GET", ["api", "referrals", "*"], ApiRole.Viewer),
        ("GET", ["api", "referrals", "*", "package"], ApiRole.Privacy),
        ("GET", ["api", "referrals", "*", "manifest"], ApiRole.Privacy),
        ("POST", ["api", "referrals", "*", "retry"], ApiRole.Operator),
        ("POST", ["api", "referrals", "*", "cancel"], ApiRole.Operator),
        ("GET", ["api", "partners"], ApiRole.Viewer),
        ("POST", ["api", "partners", "*", "pause"], ApiRole.Operator),
        ("POST", ["api", "partners", "*", "resume"], ApiRole.Operator),
        ("GET", ["api", "actions"], ApiRole.Viewer),
        ("GET", ["metrics"], ApiRole.Viewer),
        ("GET", ["health", "detail"], ApiRole.Viewer),
        ("GET", ["contracts"], ApiRole.Viewer),
        ("GET", ["contracts", "*"], ApiRole.Viewer),
        ("GET", ["contracts", "*", "*"], ApiRole.Viewer),
        ("GET", ["openapi", "*"], ApiRole.Viewer),
        ("GET", ["fhir", "AuditEvent"], ApiRole.Viewer),
        ("GET", ["fhir", "AuditEvent", "*"], ApiRole.Viewer),
    ];

    private static readonly string[][] Guarded = [["api"], ["metrics"], ["contracts"], ["openapi"], ["health", "detail"], ["fhir", "AuditEvent"]];

    /// <summary>The role needed, or null where anyone may call (hooks have their own secret). Case and doubled slashes make no difference, as for routing.</summary>
    public static ApiRole? RoleFor(string method, string path)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (!Guarded.Any(prefix => StartsWith(segments, prefix))) return null;
        var asked = HttpMethods.IsHead(method) ? "GET" : method;
        foreach (var row in Rows)
        {
            if (row.Method.Equals(asked, StringComparison.OrdinalIgnoreCase) && row.Path.Length == segments.Length && StartsWith(segments, row.Path)) return row.Role;
        }

        return ApiRole.Privacy;
    }

    private static bool StartsWith(string[] segments, string[] prefix)
        => segments.Length >= prefix.Length
            && prefix.Zip(segments).All(pair => pair.First == "*" || pair.First.Equals(pair.Second, StringComparison.OrdinalIgnoreCase));
}
