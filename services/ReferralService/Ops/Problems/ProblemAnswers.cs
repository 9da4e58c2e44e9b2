using ReferralService.Ledger;

namespace ReferralService.Ops.Problems;

/// <summary>What should be looked at, the largest group first: <c>GET /api/problems</c>.</summary>
internal sealed record ProblemList(IReadOnlyList<ProblemGroupAnswer> Items);

/// <summary>Referrals that are held or failed, put off three times or more, or whose last attempt may have landed, for the same cause.</summary>
/// <param name="Partner"><c>recipient:{name}</c>, or <c>ehr:{name}</c> while the record is gathered. With code and issue what an act on all of them is asked for by (<c>problem</c> of <c>POST /api/bulk</c>).</param>
/// <param name="Code">One of ReasonCode.</param>
/// <param name="Issue">Code and element of the recipient's first error; empty where it told none.</param>
/// <param name="Oldest">Since when the one has stood so that has longest.</param>
/// <param name="Newest">Since when the one has stood so that came last.</param>
internal sealed record ProblemGroupAnswer(string Partner, string Code, string Issue, int Count, DateTimeOffset Oldest, DateTimeOffset Newest);

/// <summary>The groups of page <c>/problems</c>, for programs.</summary>
internal sealed class ProblemAnswers(ProblemReads reads)
{
    public async Task ListAsync(HttpContext context)
    {
        var groups = await reads.GroupsAsync(context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(new ProblemList([.. groups.Select(Answer)]), OpsJson.Default.ProblemList, cancellationToken: context.RequestAborted);
    }

    private static ProblemGroupAnswer Answer(ProblemGroup group) => new(group.Key.Partner, group.Key.Code, group.Key.Issue, group.Count, group.Oldest, group.Newest);
}
