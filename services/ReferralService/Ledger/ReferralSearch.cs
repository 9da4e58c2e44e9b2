namespace ReferralService.Ledger;

/// <summary>What a person who looks for one referral may know of it. Whatever is given is looked up by its own index, and what any of it finds is found.</summary>
internal sealed record ReferralSearch
{
    public ReferralId? Id { get; init; }

    /// <summary>Logical id of the ServiceRequest.</summary>
    public string? OrderId { get; init; }

    /// <summary>32 hexadecimal digits, lower case.</summary>
    public string? TraceId { get; init; }

    /// <summary>From <see cref="RequisitionBook.Tokens"/>.</summary>
    public IReadOnlyList<string> Requisition { get; init; } = [];

    internal void AddTo(Values values)
    {
        _ = Id is { } id ? values.Add("search_id", id) : values;
        _ = OrderId is { } order ? values.Add("search_order", order) : values;
        _ = TraceId is { } trace ? values.Add("search_trace", trace) : values;
        foreach (var (i, token) in Requisition.Index())
        {
            values.Add($"search_token{i}", token);
        }
    }

    /// <summary>The numbers found, as a SELECT.</summary>
    internal string Statement()
    {
        string?[] ways =
        [
            Id is null ? null : "SELECT number FROM referral WHERE id = @search_id",
            OrderId is null ? null : "SELECT number FROM referral WHERE order_id = @search_order",
            TraceId is null ? null : "SELECT number FROM referral WHERE trace_parent IS NOT NULL AND substr(trace_parent, 4, 32) = @search_trace",
            Requisition.Count == 0 ? null : $"SELECT referral FROM requisition WHERE token IN ({string.Join(", ", Requisition.Select((_, i) => $"@search_token{i}"))})",
        ];
        return string.Join(" UNION ", ways.OfType<string>());
    }
}
