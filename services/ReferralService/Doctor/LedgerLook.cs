using System.Globalization;
using ReferralService.Ledger;
using ReferralService.Ops.Health.Checks;

namespace ReferralService.Doctor;

/// <summary>How the ledger's database stands, in words.</summary>
internal static class LedgerLook
{
    private static readonly TimeSpan SlowSync = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan SlowRoundTrip = TimeSpan.FromMilliseconds(50);

    /// <summary>A log that is never folded back: some reader holds it.</summary>
    private const long LongLog = 1L << 30;

    public static void Tell(Findings findings, LedgerOptions options, LedgerCondition found)
    {
        if (found.Trouble is { } trouble) findings.Fail(trouble.Code, trouble.What, trouble.Remedy);
        else findings.Pass(Standing(found));

        if (found.Took is { } took)
        {
            var (slow, what) = options.Provider == LedgerProvider.Sqlite ? (SlowSync, "a write and sync beside it takes") : (SlowRoundTrip, "a round trip takes");
            var text = string.Create(CultureInfo.InvariantCulture, $"{what} {took.TotalMilliseconds:F1} ms");
            if (took > slow) findings.Warn("ledger-slow", text, "each step waits for several of them: use a faster disk, or a nearer server");
            else findings.Pass(text);
        }

        foreach (var remark in found.Remarks) findings.Warn(remark.Code, remark.What, remark.Remedy);
        if (found.Bytes is var (file, log))
        {
            findings.Pass(string.Create(CultureInfo.InvariantCulture, $"{file / 1_000_000} MB, log {log / 1_000_000} MB"));
            if (log > LongLog) findings.Warn("ledger-log", "its write-ahead log does not get shorter", "end programs that hold a read on it open (a database shell, a backup)");
        }

        if (found.ClockSkew is { } skew)
        {
            findings.Add(DatabaseClockCheck.Of(skew, took: 0), "its clock agrees with ours");
        }
    }

    private static string Standing(LedgerCondition found) => found switch
    {
        { Exists: false } => $"{found.Where} is made at the first start",
        { Version: null } => $"{found.Where} was left as it is: the next start looks through it",
        { Version: 0 } => $"{found.Where} is empty; the first start makes its tables",
        { Version: var version } when version < found.BuildVersion => $"{found.Where} is at schema {version}; the start brings it to {found.BuildVersion}",
        { InUse: true } => $"{found.Where} is whole, at schema {found.Version}, and a running service has it",
        _ => $"{found.Where} is whole, at schema {found.Version}{(found.Server is { } server ? $", PostgreSQL {server}" : "")}, and can be written",
    };
}
