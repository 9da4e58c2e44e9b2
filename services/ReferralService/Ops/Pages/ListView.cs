using ReferralService.Ledger;
using ReferralService.Ops.Pages.Parts;

namespace ReferralService.Ops.Pages;

/// <summary>A referral as a row of a list.</summary>
public sealed record ReferralLine
{
    public required Guid Id { get; init; }
    public required string ServiceRequest { get; init; }
    public required string Ehr { get; init; }
    public required string? Recipient { get; init; }
    public required Standing Standing { get; init; }
    public required string? Code { get; init; }
    public required int Attempt { get; init; }
    public required DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>What it waits for in place of its next try; null: nothing.</summary>
    public required Pausing? Pausing { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <param name="paused">Since when, by partner as in the table of pauses.</param>
    internal static ReferralLine Of(Referral row, IReadOnlyDictionary<string, DateTimeOffset> paused) => Of(row, Pausing.Of(row, paused));

    private static ReferralLine Of(Referral row, Pausing? pausing) => new()
    {
        Id = row.Id.Value,
        ServiceRequest = $"ServiceRequest/{row.OrderId}",
        Ehr = row.Ehr,
        Recipient = row.Recipient ?? row.RecipientAsked,
        Standing = Standing.Of(row, pausing is not null),
        Code = row.ErrorCode,
        Attempt = row.Attempt,
        NextAttemptAt = row.State.IsResting() || pausing is not null ? null : row.DueAt,
        Pausing = pausing,
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
    };
}

/// <summary>What the list shows: rows, what was asked, and what else could be.</summary>
public sealed record ListView
{
    public required IReadOnlyList<ReferralLine> Lines { get; init; }

    /// <summary>The filters as given, by name; what was not given is not there.</summary>
    public required IReadOnlyDictionary<string, string> Asked { get; init; }

    /// <summary>What the search box's text was taken for; empty: there was none.</summary>
    public required string SearchedAs { get; init; }

    /// <summary>Why the filters cannot be meant; then there are no rows.</summary>
    public required string? Fault { get; init; }
    public required IReadOnlyList<string> States { get; init; }
    public required IReadOnlyList<string> Ehrs { get; init; }
    public required IReadOnlyList<string> Recipients { get; init; }

    /// <summary>Cursor of the next page; null on the last.</summary>
    public required string? Next { get; init; }

    public string Get(string name) => Asked.GetValueOrDefault(name, "");

    /// <summary>The list's address with these filters, from the newest or from a cursor on.</summary>
    public string Address(string? cursor)
    {
        var given = Asked.Where(pair => pair.Key != "cursor").Append(new("cursor", cursor ?? "")).Where(pair => pair.Value.Length > 0)
            .Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}");
        return $"/referrals?{string.Join('&', given)}".TrimEnd('?');
    }
}
