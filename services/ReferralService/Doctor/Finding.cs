using ReferralService.Ops.Health;

namespace ReferralService.Doctor;

internal enum Standing { Pass, Warn, Fail }

/// <summary>One thing that was looked at.</summary>
/// <param name="Area">settings, database, vault, files, broker, ehr, recipient, address or service.</param>
/// <param name="Name">Of the partner, file or key it is about.</param>
/// <param name="What">What was found, in words of ours; never a secret, a text from outside or anything of a record.</param>
/// <param name="Remedy">One line; null of what is well.</param>
/// <param name="Code">Permanent; null of what is well.</param>
internal sealed record Finding(Standing Standing, string Area, string Name, string What, string? Remedy = null, string? Code = null);

/// <summary>What the checks of one thing find, as they find it: also what was found before one took too long.</summary>
internal sealed class Findings(string area, string name)
{
    private readonly Lock _gate = new();
    private readonly List<Finding> _all = [];

    public IReadOnlyList<Finding> All
    {
        get
        {
            lock (_gate) return [.. _all];
        }
    }

    public string Area { get; } = area;

    public string Name { get; } = name;

    public void Pass(string what) => Add(new(Standing.Pass, Area, Name, what));

    public void Warn(string code, string what, string remedy) => Add(new(Standing.Warn, Area, Name, what, remedy, code));

    public void Fail(string code, string what, string remedy) => Add(new(Standing.Fail, Area, Name, what, remedy, code));

    /// <summary>What a check of /health/detail says: its first sentence is what was found, the rest what mends it.</summary>
    /// <param name="passed">Said when it is well.</param>
    /// <param name="fails">It is worse than degraded to who asks before a start.</param>
    public void Add(HealthCheckResult result, string passed, bool fails = false)
    {
        if (result.Status == HealthStatus.Ok)
        {
            Pass(passed);
            return;
        }

        var detail = result.Detail ?? "";
        var end = detail.IndexOf(". ", StringComparison.Ordinal) is >= 0 and var at ? at : detail.Length;
        var (what, remedy) = (detail[..end].TrimEnd('.'), end < detail.Length ? detail[(end + 2)..].TrimEnd('.') : "docs/runbook.md has the code");
        Add(new(fails || result.Status == HealthStatus.Failed ? Standing.Fail : Standing.Warn, Area, Name, what, remedy, result.Code));
    }

    private void Add(Finding finding)
    {
        lock (_gate) _all.Add(finding);
    }
}
