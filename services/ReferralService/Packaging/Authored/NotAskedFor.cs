using System.Globalization;

namespace ReferralService.Packaging.Authored;

/// <summary>Words for what the searches left out by intention: <c>Observation?date=lt2024-11-23</c> is "Results before 23 November 2024 were not asked for."</summary>
internal static class NotAskedFor
{
    /// <summary>As gathering writes it where the plans reach further back than all else.</summary>
    private const string ButForPlans = "&code:not-in=plans";

    private static readonly Dictionary<string, string> Kinds = new(StringComparer.Ordinal)
    {
        ["Condition"] = "Conditions",
        ["DiagnosticReport"] = "Reports",
        ["DocumentReference"] = "Documents",
        ["MedicationRequest"] = "Medication requests",
        ["Observation"] = "Results",
    };

    private static readonly Dictionary<string, string> Statuses = new(StringComparer.Ordinal)
    {
        ["draft"] = "drafts",
        ["entered-in-error"] = "entered in error",
        ["on-hold"] = "on hold",
        ["remission"] = "in remission",
        ["unknown"] = "of unknown status",
    };

    /// <summary>Null when the omission is something else: what was asked for and did not come.</summary>
    public static string? Sentence(ManifestOmission omission)
    {
        bool except = omission.Reference.EndsWith(ButForPlans, StringComparison.Ordinal);
        var reference = except ? omission.Reference[..^ButForPlans.Length] : omission.Reference;
        if (omission.Reason is not ("outside-window" or "not-current") || reference.Split('?', '=') is not [var type, var parameter, var value]) return null;
        if (!Kinds.TryGetValue(type, out string? kind)) kind = type;
        if (parameter != "date") return $"{kind} that are {Listed([.. value.Split(',').Select(Words)])} were not asked for.";
        return value.StartsWith("lt", StringComparison.Ordinal) && DateOnly.TryParseExact(value[2..], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? $"{kind} before {day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)} were not asked for{(except ? ", but for those that the plans of this referral want by their codes" : "")}."
            : null;
    }

    private static string Words(string status) => Statuses.TryGetValue(status, out string? words) ? words : status;

    private static string Listed(string[] words) => words.Length == 1 ? words[0] : $"{string.Join(", ", words[..^1])} or {words[^1]}";
}
