using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>A ServiceRequest as the EHR gave it just now.</summary>
/// <param name="Utf8">Its bytes, owned.</param>
internal sealed record OrderSnapshot(string Ehr, ServiceRequestView View, ReadOnlyMemory<byte> Utf8)
{
    /// <summary>What tells one state of the order from another: versionId, else lastUpdated; null where the EHR gives neither.</summary>
    public string? Version => View.VersionId ?? View.LastUpdated;
}

/// <summary>What reading an order again gave. Closed.</summary>
internal abstract record OrderReading
{
    private OrderReading() { }

    public sealed record Found(OrderSnapshot Order) : OrderReading;

    /// <summary>404: not there, or not yet visible.</summary>
    public sealed record NotFound : OrderReading;

    /// <summary>410: deleted.</summary>
    public sealed record Gone : OrderReading;

    /// <summary>The EHR could not be asked, or answered with something else.</summary>
    /// <param name="Code">Of Contracts.ReasonCodes.</param>
    /// <param name="RetryAfter">When the EHR said when.</param>
    /// <param name="NeedsPerson">It will not mend itself (auth-refused, endpoint-wrong, not-fhir …).</param>
    public sealed record Unreadable(string Code, TimeSpan? RetryAfter, bool NeedsPerson) : OrderReading;
}
