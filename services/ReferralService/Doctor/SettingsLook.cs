namespace ReferralService.Doctor;

/// <summary>The faults of the settings, each with where its value comes from.</summary>
internal static class SettingsLook
{
    public static void Tell(Findings findings, SettingsReader settings, SettingSources sources)
    {
        foreach (var fault in settings.Faults)
        {
            var key = fault.Split(": ", 2)[0];
            var source = sources.Of(key) is var from && from != SettingSources.Default ? $" (from {from})" : "";
            findings.Fail("settings", $"{key}{source}", fault[Math.Min(fault.Length, key.Length + 2)..]);
        }

        if (settings.Faults.Count == 0) findings.Pass("all can be used");
    }

    /// <summary>Every setting that the service knows under what is configured, in the order of their names.</summary>
    public static IReadOnlyList<ExplainedSetting> Explain(SettingsReader settings, SettingSources sources)
    {
        var secrets = settings.Secrets().ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. settings.Known().Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal).Select(key => new ExplainedSetting(key, Shown(key), sources.Of(key)))];

        string? Shown(string key) => sources.Shown(key) is not { } shown ? null : secrets.Contains(key) ? SecretSettings.Hidden : shown;
    }
}

/// <param name="Value">Null: not set, the default holds. Secrets are hidden.</param>
/// <param name="Source">As <see cref="SettingSources.Of"/> says.</param>
internal sealed record ExplainedSetting(string Key, string? Value, string Source);
