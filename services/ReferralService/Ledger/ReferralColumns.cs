namespace ReferralService.Ledger;

/// <summary>The columns that a transition may change, with the member of <see cref="Referral"/> that each holds.</summary>
internal static class ReferralColumns
{
    /// <summary>But for the lease, which is measured by the database's clock.</summary>
    public static readonly IReadOnlyList<ReferralColumn> Changing =
    [
        new("recipient", (v, r) => v.Add("recipient", r.Recipient), (a, b) => a.Recipient == b.Recipient),
        new("recipient_given", (v, r) => v.Add("recipient_given", r.RecipientGiven), (a, b) => a.RecipientGiven == b.RecipientGiven),
        new("state", (v, r) => v.Add("state", r.State.Name()), (a, b) => a.State == b.State),
        new("error_code", (v, r) => v.Add("error_code", r.ErrorCode), (a, b) => a.ErrorCode == b.ErrorCode),
        new("error_message", (v, r) => v.Add("error_message", r.ErrorMessage), (a, b) => a.ErrorMessage == b.ErrorMessage),
        new("attempt", (v, r) => v.Add("attempt", (int?)r.Attempt), (a, b) => a.Attempt == b.Attempt),
        new("gather_tries", (v, r) => v.Add("gather_tries", (int?)r.GatherTries), (a, b) => a.GatherTries == b.GatherTries),
        new("sequence", (v, r) => v.Add("sequence", (int?)r.Sequence), (a, b) => a.Sequence == b.Sequence),
        new("due_at", (v, r) => v.Add("due_at", r.DueAt), (a, b) => a.DueAt == b.DueAt),
        new("fence", (v, r) => v.Add("fence", r.Fence), (a, b) => a.Fence == b.Fence),
        new("working", (v, r) => v.Add("working", r.Working), (a, b) => a.Working == b.Working),
        new("crashes", (v, r) => v.Add("crashes", (int?)r.Crashes), (a, b) => a.Crashes == b.Crashes),
        new("gather_deadline", (v, r) => v.Add("gather_deadline", r.GatherDeadline), (a, b) => a.GatherDeadline == b.GatherDeadline),
        new("delivery_deadline", (v, r) => v.Add("delivery_deadline", r.DeliveryDeadline), (a, b) => a.DeliveryDeadline == b.DeliveryDeadline),
        new("package_version", (v, r) => v.Add("package_version", (int?)r.PackageVersion), IsOfSamePurge),
        new("package_id", (v, r) => v.Add("package_id", r.PackageId), (a, b) => a.PackageId == b.PackageId),
        new("package_form", (v, r) => v.Add("package_form", r.PackageForm?.ToString().ToLowerInvariant()), (a, b) => a.PackageForm == b.PackageForm),
        new("package_digest", (v, r) => v.Add("package_digest", r.PackageDigest), (a, b) => a.PackageDigest == b.PackageDigest),
        new("package_bytes", (v, r) => v.Add("package_bytes", (long?)r.PackageBytes), (a, b) => a.PackageBytes == b.PackageBytes),
        new("package_entries", (v, r) => v.Add("package_entries", (int?)r.PackageEntries), (a, b) => a.PackageEntries == b.PackageEntries),
        new("package_chunks", (v, r) => v.Add("package_chunks", (int?)r.PackageChunks), (a, b) => a.PackageChunks == b.PackageChunks),
        new("package_purged_at", (v, r) => v.Add("package_purged_at", r.PackagePurgedAt), IsOfSamePurge) { Mark = ("package_purged_version", "CASE WHEN @package_purged_at IS NULL THEN 0 ELSE @package_version END") },
        new("target_base", (v, r) => v.Add("target_base", r.TargetBase), (a, b) => a.TargetBase == b.TargetBase),
        new("order_version", (v, r) => v.Add("order_version", r.OrderVersion), (a, b) => a.OrderVersion == b.OrderVersion),
        new("outcome_unknown", (v, r) => v.Add("outcome_unknown", r.OutcomeUnknown), (a, b) => a.OutcomeUnknown == b.OutcomeUnknown),
        new("cancel_cause", (v, r) => v.Add("cancel_cause", r.CancelCause), (a, b) => a.CancelCause == b.CancelCause),
        new("order_noticed", (v, r) => v.Add("order_noticed", r.OrderNoticed), (a, b) => a.OrderNoticed == b.OrderNoticed),
        new("attempt_at", (v, r) => v.Add("attempt_at", r.AttemptAt), (a, b) => a.AttemptAt == b.AttemptAt) { Mark = ("attempt_noted_at", "@attempt_at") },
        new("attempt_by", (v, r) => v.Add("attempt_by", r.AttemptBy), (a, b) => a.AttemptBy == b.AttemptBy),
        new("status_url", (v, r) => v.Add("status_url", r.StatusUrl), (a, b) => a.StatusUrl == b.StatusUrl),
        new("resend_anyway", (v, r) => v.Add("resend_anyway", r.ResendAnyway), (a, b) => a.ResendAnyway == b.ResendAnyway),
        new("waits_since", (v, r) => v.Add("waits_since", r.WaitsSince), (a, b) => a.WaitsSince == b.WaitsSince),
        new("set_aside_for", (v, r) => v.Add("set_aside_for", r.SetAsideFor), (a, b) => a.SetAsideFor == b.SetAsideFor),
        new("updated_at", (v, r) => v.Add("updated_at", r.UpdatedAt), (a, b) => a.UpdatedAt == b.UpdatedAt),
    ];

    private static readonly ulong OfAttempt = Set("attempt_at", "attempt_by", "status_url");

    /// <summary>
    /// Which columns differ, a bit for each in the order of <see cref="Changing"/>. Those of the attempt are always among them: what the build before
    /// this one left there of another attempt than its own is not in <paramref name="before"/>, and goes.
    /// </summary>
    public static ulong Differing(Referral before, Referral after)
    {
        var differing = OfAttempt;
        for (var i = 0; i < Changing.Count; i++)
        {
            differing |= Changing[i].IsSame(before, after) ? 0 : 1UL << i;
        }

        return differing;
    }

    /// <summary>Those of a set.</summary>
    public static IEnumerable<ReferralColumn> Of(ulong set) => Changing.Where((_, i) => (set >> i & 1) == 1);

    public static Values AddTo(Values values, Referral row, ulong set = ulong.MaxValue)
    {
        for (var i = 0; i < Changing.Count; i++)
        {
            if ((set >> i & 1) == 1)
            {
                Changing[i].Add(values, row);
            }
        }

        return values;
    }

    // What has a mark is written together with what the mark is made of.
    private static bool IsOfSamePurge(Referral a, Referral b) => a.PackageVersion == b.PackageVersion && a.PackagePurgedAt == b.PackagePurgedAt;

    private static ulong Set(params string[] names) => names.Aggregate(0UL, (set, name) => set | 1UL << Changing.Select(column => column.Name).ToList().IndexOf(name));
}

/// <param name="Add">Adds the row's value under the column's name.</param>
/// <param name="IsSame">Whether two rows need not be told apart here.</param>
internal sealed record ReferralColumn(string Name, Action<Values, Referral> Add, Func<Referral, Referral, bool> IsSame)
{
    /// <summary>
    /// Of what version or attempt the value is, as a column and its value: the build before this one leaves the value as it was when it writes over a row,
    /// and read it then counts of no other (<see cref="ReferralStatements"/>).
    /// </summary>
    public (string Column, string Value)? Mark { get; init; }

    public string Setting => Mark is { } mark ? $"{Name} = @{Name}, {mark.Column} = {mark.Value}" : $"{Name} = @{Name}";
}
