namespace ReferralService.Ledger;

/// <summary>What referrals in trouble have in common.</summary>
/// <param name="Partner"><c>recipient:{name}</c>, or <c>ehr:{name}</c> while the record is gathered.</param>
/// <param name="Code">Of Contracts.ReasonCodes.</param>
/// <param name="Issue">Code and element of the recipient's first error (<c>required Patient.birthDate</c>); empty where it told none.</param>
internal sealed record ProblemKey(string Partner, string Code, string Issue);

/// <param name="Oldest">Since when the one has stood so that has longest.</param>
internal sealed record ProblemGroup(ProblemKey Key, int Count, DateTimeOffset Oldest, DateTimeOffset Newest);

/// <summary>One referral in trouble, as far as a list needs it.</summary>
internal sealed record ProblemRow(
    long Number, ReferralId Id, string Ehr, string OrderId, string? Recipient, ReferralState State, string? Message, int Attempt, DateTimeOffset? DueAt, DateTimeOffset UpdatedAt);

/// <summary>Its place in the group, which is read from the newest referral to the oldest.</summary>
/// <param name="Previous">The next newer one; null at the newest.</param>
/// <param name="Next">The next older one; null at the oldest.</param>
/// <param name="Place">1 for the newest.</param>
internal sealed record ProblemPlace(ReferralId? Previous, ReferralId? Next, int Place, int Count);
