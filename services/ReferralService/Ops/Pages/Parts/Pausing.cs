using ReferralService.Ledger;

namespace ReferralService.Ops.Pages.Parts;

/// <summary>The pause that keeps a referral waiting: it has no next try until somebody resumes the partner.</summary>
/// <param name="Kind">ehr or recipient.</param>
public sealed record Pausing(string Kind, string Name, DateTimeOffset Since)
{
    /// <summary>"EHR main", "recipient urology-east".</summary>
    public string Words => $"{(Kind == "ehr" ? "EHR" : "recipient")} {Name}";

    /// <summary>Its card among the partners, with the switch.</summary>
    public string Address => $"/partners#{Kind}-{Name}";

    /// <param name="paused">Since when, by partner as in the table of pauses.</param>
    /// <returns>Null: none; what is at its end waits for nothing, and a step under way is finished.</returns>
    internal static Pausing? Of(Referral row, IReadOnlyDictionary<string, DateTimeOffset> paused)
    {
        if (row.Working || row.State.IsResting())
        {
            return null;
        }

        // Gathering asks the EHR alone; a recipient's pause keeps it only where the step came to ask the recipient, and was set aside.
        return Of($"ehr:{row.Ehr}")
            ?? (row.State is ReferralState.Packaged or ReferralState.Delivering ? Of($"recipient:{row.Recipient ?? row.RecipientAsked}") : null)
            ?? Of(row.SetAsideFor);

        Pausing? Of(string? partner)
            => partner is not null && paused.TryGetValue(partner, out var since) && partner.Split(':', 2) is [var kind, var name] ? new(kind, name, since) : null;
    }
}
