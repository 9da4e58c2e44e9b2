namespace ReferralService.Intake.Answers;

/// <summary>Tells a request that a person in front of a browser waits for from one that a program made: what goes wrong is told the first on a page.</summary>
internal static class PageAddress
{
    private static readonly string[] Pages = ["referrals", "problems", "bulk", "partners", "dead-letters", "audit", "runbook", "sign-in", "sign-out"];

    private static readonly string[] ForPrograms = ["api", "fhir", "health", "metrics", "contracts", "openapi", "assets", "live"];

    /// <summary>True of the pages' own addresses, and of any other that is no program's and was asked for as HTML (a mistyped one).</summary>
    public static bool IsMeant(HttpRequest request)
    {
        string? first = (request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        if (first is null || Has(Pages, first)) return true;
        return !Has(ForPrograms, first) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
    }

    private static bool Has(string[] names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);
}

/// <summary>Writes a refusal as a page. There is one where the process has pages; else problem+json serves everybody.</summary>
internal delegate Task PageRefusal(HttpContext context, Refusal refusal);
