using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>Says in the log how a step ended when it did not simply go on: an operator reads here first.</summary>
internal static partial class StepEnding
{
    /// <summary>The recipient is found from the order, which may not have been read yet.</summary>
    private const string NotFound = "not found yet";

    private const string Uncoded = "no code";

    /// <param name="after">The row as written; null when the lease was lost.</param>
    public static void Tell(ILogger log, Referral? after)
    {
        Spans.Ended(after switch
        {
            null => "lease-lost",
            { ErrorCode: not null } when !after.State.IsResting() => "deferred",
            _ => after.State.Name(),
        });
        switch (after)
        {
            case null:
                break;
            case { State: ReferralState.Held or ReferralState.Failed }:
                Log.Stopped(log, after.Id, after.State.Name(), after.ErrorCode ?? Uncoded, after.Ehr, after.Recipient ?? NotFound);
                break;
            case { State: ReferralState.Cancelled }:
                Log.Cancelled(log, after.Id, after.ErrorCode ?? Uncoded);
                break;
            case { ErrorCode: not null, DueAt: { } due }:
                Log.Deferred(log, after.Id, after.ErrorCode, after.Ehr, after.Recipient ?? NotFound, due);
                break;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8011, LogLevel.Warning, "Referral {Referral} is {State}: {Code} (EHR {Ehr}, recipient {Recipient}). docs/runbook.md says what to do")]
        public static partial void Stopped(ILogger log, ReferralId referral, string state, string code, string ehr, string recipient);

        [LoggerMessage(8012, LogLevel.Information, "Referral {Referral} is cancelled: {Code}")]
        public static partial void Cancelled(ILogger log, ReferralId referral, string code);

        [LoggerMessage(8013, LogLevel.Information, "Referral {Referral} is tried again at {Due:u}: {Code} (EHR {Ehr}, recipient {Recipient})")]
        public static partial void Deferred(ILogger log, ReferralId referral, string code, string ehr, string recipient, DateTimeOffset due);
    }
}
