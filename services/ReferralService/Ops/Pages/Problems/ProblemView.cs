using ReferralService.Ops.Pages.Parts;

namespace ReferralService.Ops.Pages.Problems;

/// <summary>A group of referrals in trouble, as the pages show it.</summary>
/// <param name="Partner">As in the ledger.</param>
/// <param name="PartnerWords">"recipient urology-east".</param>
/// <param name="Issue">Code and element of the first issue; empty where none was told.</param>
/// <param name="Meaning">Of the code, in words; null for one of a newer build.</param>
public sealed record ProblemView(
    string Partner, string PartnerWords, string Code, string Issue, int Count, DateTimeOffset Oldest, DateTimeOffset Newest, string Address, string? Meaning, string? Remedy);

/// <summary>One referral of a group.</summary>
public sealed record ProblemMember(
    Guid Id, string Ehr, string Order, string? Recipient, Standing Standing, int Attempt, DateTimeOffset? DueAt, DateTimeOffset UpdatedAt);
