using System.Text;
using ReferralService.Contracts;
using ReferralService.Intake.Access;
using ReferralService.Intake.Answers;
using ReferralService.Intake.Commands;
using ReferralService.Ledger;
using ReferralService.Ops.Acts;
using ReferralService.Ops.Pages;
using ReferralService.Ops.Pages.DeadLetters;

namespace ReferralService.Ops.DeadLetters;

/// <summary>Page <c>/dead-letters</c> and its forms. What touches a queue is recorded before it is begun, because no transaction spans both.</summary>
internal sealed class DeadLetterPages(Intake.Commands.DeadLetters letters, ReferralBook book, OperatorActions actions, TimeProvider time)
{
    private const string Address = "/dead-letters";
    private const int Shown = 50;
    private const int ShownBytes = 64 << 10;
    private const int RecordedDigits = 16;

    private static readonly Refusal NotConfirmed = Refusal.BadRequest("value", "Nothing was deleted: type the word delete to do it.");

    private static readonly Refusal NoBroker = new(
        StatusCodes.Status409Conflict, ReasonCodes.NotFound, "conflict", "There is no broker (Bus:Transport is InMemory), so there are no dead letters. Nothing was done.");

    private static readonly Refusal NotSaid = Refusal.BadRequest("required", "Which letter is meant was not said; load the page again.");

    public async Task<IResult> ShowAsync(HttpContext context)
    {
        var refused = await book.RefusedCommandsAsync(DeadLetterReads.NewestCommands, context.RequestAborted);
        return Page.Of<DeadLettersPage>(nameof(DeadLettersPage.View), await LookAsync(refused, context.RequestAborted));
    }

    public async Task<IResult> ReingestAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (key, reason) = (form["key"].ToString(), form["reason"].ToString());
        var all = key.Length == 0;
        if (all ? !ReasonCodes.All.Contains(reason) && reason != DeadLetter.NoReason : !DeadLetter.IsKey(key))
        {
            return RefusalPage.Of(context, NotSaid);
        }

        // Beside a letter's key a reason says nothing, whatever was sent as one.
        var act = all ? Act(context, OperatorActs.Reingest) with { Reason = reason } : Act(context, OperatorActs.Reingest, key);
        return await DoAsync(context, act, all ? "re-ingest-all" : "re-ingest",
            token => letters.ReingestAsync(letter => all ? letter.Reason == reason : letter.Key == key, token));
    }

    public async Task<IResult> DeleteAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var key = form["key"].ToString();
        return !DeadLetter.IsKey(key) ? RefusalPage.Of(context, NotSaid)
            : form["confirm"].ToString().Trim() != "delete" ? RefusalPage.Of(context, NotConfirmed)
            : await DoAsync(context, Act(context, OperatorActs.DeleteLetter, key), "delete-letter", token => letters.DeleteAsync(key, token));
    }

    public async Task<IResult> RevealAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (key, (reason, fault)) = (form["key"].ToString(), RevealReasons.Read(form));
        if (!letters.HaveBroker)
        {
            return RefusalPage.Of(context, NoBroker);
        }

        if (!DeadLetter.IsKey(key) || reason is null)
        {
            return !DeadLetter.IsKey(key) ? RefusalPage.Of(context, NotSaid)
                : Page.Of<LetterPage>(new Dictionary<string, object?> { [nameof(LetterPage.Key)] = key, [nameof(LetterPage.Fault)] = fault }, StatusCodes.Status400BadRequest);
        }

        await actions.AppendAsync(Act(context, OperatorActs.RevealLetter, key) with { Reason = reason.Reason, Ticket = reason.Ticket }, context.RequestAborted);
        try
        {
            return await letters.ReadAsync(key, context.RequestAborted) is not { } body
                ? Page.SeeOther(Notice.DoneAt(Address, "gone"))
                : Page.Of<LetterPage>(new Dictionary<string, object?>
                {
                    [nameof(LetterPage.Key)] = key,
                    [nameof(LetterPage.Body)] = Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, ShownBytes))),
                    [nameof(LetterPage.IsCut)] = body.Length > ShownBytes,
                });
        }
        catch (DeadLettersAwayException)
        {
            return Page.SeeOther(Address);
        }
    }

    private async Task<IResult> DoAsync(HttpContext context, OperatorAction act, string done, Func<CancellationToken, Task<int>> work)
    {
        if (!letters.HaveBroker)
        {
            return RefusalPage.Of(context, NoBroker);
        }

        await actions.AppendAsync(act, context.RequestAborted);
        try
        {
            return Page.SeeOther(Notice.DoneAt(Address, await work(context.RequestAborted) > 0 ? done : "gone"));
        }
        catch (DeadLettersAwayException)
        {
            // The page that follows says what is wrong with the broker; what was not acknowledged is still there.
            return Page.SeeOther(Address);
        }
    }

    private async Task<DeadLettersView> LookAsync(IReadOnlyDictionary<string, int> refused, CancellationToken cancellationToken)
    {
        var nothing = new DeadLettersView(letters.HaveBroker, 0, null, [], new Dictionary<string, int>(), refused, Trouble: null);
        if (!letters.HaveBroker)
        {
            return nothing;
        }

        try
        {
            var look = await letters.LookAsync(DeadLetterReads.LookedAt, cancellationToken);
            return nothing with
            {
                Rejected = look.Rejected,
                WakeUps = look.WakeUps,
                Letters = [.. look.Oldest.Take(Shown).Select(letter => new LetterView(letter.Key, letter.Reason, letter.At, letter.Bytes))],
                Reasons = DeadLetterReads.ByReason(look.Oldest),
            };
        }
        catch (DeadLettersAwayException away)
        {
            return nothing with { Trouble = $"{away.Trouble.Code}: {away.Trouble.Fix}" };
        }
    }

    /// <param name="key">Of the letter, where one is meant: enough of it goes on record to tell which.</param>
    private OperatorAction Act(HttpContext context, string action, string? key = null)
        => ByHand.Act(context, action, time.GetUtcNow()) with { Partner = key is null ? BrokerQueues.Rejected : $"{BrokerQueues.Rejected}/{key[..RecordedDigits]}" };
}
