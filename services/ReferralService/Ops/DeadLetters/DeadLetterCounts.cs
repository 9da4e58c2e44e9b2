using ReferralService.Intake.Commands;
using ReferralService.Ledger;

namespace ReferralService.Ops.DeadLetters;

/// <summary>How many messages were set aside, and why; nothing of their bodies: <c>GET /api/dead-letters</c>.</summary>
/// <param name="Broker">False: none is configured, so nothing is set aside.</param>
/// <param name="Trouble">Code of why the broker could not be asked; null where it was, or there is none.</param>
/// <param name="Rejected">How many commands are in <c>referral.commands.rejected</c>; null: not known.</param>
/// <param name="LookedAt">So many of these, the oldest, were looked at for their reasons.</param>
/// <param name="Reasons">How many of those looked at have which reason: one of ReasonCode, or no-reason.</param>
/// <param name="WakeUps">How many are in <c>referral.wake-ups.dead</c>; null: not known, or there is no such queue.</param>
/// <param name="RefusedCommands">Of the newest 10,000 commands those that were refused and answered, by code. They are in no queue.</param>
internal sealed record DeadLetterCounts(
    bool Broker, string? Trouble, int? Rejected, int LookedAt, IReadOnlyDictionary<string, int> Reasons, int? WakeUps, IReadOnlyDictionary<string, int> RefusedCommands);

/// <summary>What page <c>/dead-letters</c> counts, for programs.</summary>
internal sealed class DeadLetterReads(Intake.Commands.DeadLetters letters, ReferralBook book)
{
    /// <summary>So many are looked at for their reasons.</summary>
    public const int LookedAt = 200;

    /// <summary>So many commands are counted by what they were refused for.</summary>
    public const int NewestCommands = 10_000;

    public async Task CountAsync(HttpContext context)
    {
        var counts = await LookAsync(await book.RefusedCommandsAsync(NewestCommands, context.RequestAborted), context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(counts, OpsJson.Default.DeadLetterCounts, cancellationToken: context.RequestAborted);
    }

    /// <summary>How many of these have which reason.</summary>
    public static IReadOnlyDictionary<string, int> ByReason(IEnumerable<DeadLetter> looked)
        => looked.GroupBy(letter => letter.Reason, StringComparer.Ordinal).ToDictionary(reason => reason.Key, reason => reason.Count(), StringComparer.Ordinal);

    private async Task<DeadLetterCounts> LookAsync(IReadOnlyDictionary<string, int> refused, CancellationToken cancellationToken)
    {
        var unknown = new DeadLetterCounts(letters.HaveBroker, null, null, 0, new Dictionary<string, int>(), null, refused);
        if (!letters.HaveBroker)
        {
            return unknown;
        }

        try
        {
            var look = await letters.LookAsync(LookedAt, cancellationToken);
            return unknown with { Rejected = look.Rejected, LookedAt = look.Oldest.Count, Reasons = ByReason(look.Oldest), WakeUps = look.WakeUps };
        }
        catch (DeadLettersAwayException away)
        {
            return unknown with { Trouble = away.Trouble.Code };
        }
    }
}
