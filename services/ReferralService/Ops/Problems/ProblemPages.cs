using System.Globalization;
using ReferralService.Contracts;
using ReferralService.Ledger;
using ReferralService.Ops.Pages;
using ReferralService.Ops.Pages.Parts;
using ReferralService.Ops.Pages.Problems;
using ReferralService.Ops.Reading;

namespace ReferralService.Ops.Problems;

/// <summary>Page <c>/problems</c>: the groups, and with a group's key its members.</summary>
internal sealed class ProblemPages(ProblemReads reads, ProblemBook book)
{
    private const int Rows = 50;

    public async Task<IResult> ShowAsync(HttpContext context)
        => ProblemAddress.Read(context.Request.Query) is { } key ? await MembersAsync(context, key) : await GroupsAsync(context.RequestAborted);

    private async Task<IResult> GroupsAsync(CancellationToken cancellationToken)
    {
        var groups = await reads.GroupsAsync(cancellationToken);
        return Page.Of<ProblemsPage>(nameof(ProblemsPage.Groups), groups.Select(View).ToList());
    }

    private async Task<IResult> MembersAsync(HttpContext context, ProblemKey key)
    {
        var before = context.Request.Query["cursor"] is [{ } cursor] ? ListCursor.Read(cursor) : null;
        var rows = await book.MembersAsync(key, before, Rows, context.RequestAborted);
        var count = await book.CountAsync(key, context.RequestAborted);
        var members = rows.Select(row => new ProblemMember(
            row.Id.Value, row.Ehr, $"ServiceRequest/{row.OrderId}", row.Recipient, StandingOf(row, key), row.Attempt, row.DueAt, row.UpdatedAt)).ToList();
        return Page.Of<ProblemGroupPage>(new Dictionary<string, object?>
        {
            [nameof(ProblemGroupPage.Group)] = View(new ProblemGroup(key, count, default, default)),
            [nameof(ProblemGroupPage.Members)] = members,
            [nameof(ProblemGroupPage.First)] = before is null ? null : ProblemAddress.Of(key),
            [nameof(ProblemGroupPage.Next)] = rows.Length == Rows ? $"{ProblemAddress.Of(key)}&cursor={ListCursor.Write(rows[^1].Number)}" : null,
        });
    }

    private static Standing StandingOf(ProblemRow row, ProblemKey key) => row.State switch
    {
        ReferralState.Held => Standing.Held,
        ReferralState.Failed => Standing.Failed,
        _ when key.Code == ReasonCodes.OutcomeUnknown => Standing.Unknown,
        _ => Standing.PutOff,
    };

    private static ProblemView View(ProblemGroup group) => new(
        group.Key.Partner, PartnerWords(group.Key.Partner), group.Key.Code, group.Key.Issue, group.Count, group.Oldest, group.Newest, ProblemAddress.Of(group.Key),
        ReasonRemedies.Of(group.Key.Code)?.Meaning, ReasonRemedies.Of(group.Key.Code)?.Remedy);

    private static string PartnerWords(string partner)
        => string.Create(CultureInfo.InvariantCulture, $"{(partner.StartsWith("ehr:", StringComparison.Ordinal) ? "EHR" : "recipient")} {partner[(partner.IndexOf(':') + 1)..]}");
}
