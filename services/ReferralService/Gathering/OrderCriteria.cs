using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>An EHR's <c>Criteria</c>, evaluated on the order itself: the EHR's own filter is never trusted.</summary>
internal sealed class OrderCriteria
{
    /// <summary>Parses a search on ServiceRequest (status, intent, category, code, priority, performer, requester … with the common modifiers).</summary>
    /// <exception cref="FormatException">A parameter that cannot be evaluated locally; the message names it.</exception>
    public static OrderCriteria Parse(string criteria) => throw new NotImplementedException();

    /// <summary>Null when it matches; else why not: <c>status</c>, <c>intent</c>, <c>do-not-perform</c>, <c>category</c>, <c>code</c> …</summary>
    public string? WhyNot(ServiceRequestView order) => throw new NotImplementedException();

    /// <summary>Whether the order may be acted on at all, whatever the criteria: active, an order intent, not doNotPerform. Null when it may.</summary>
    public static string? WhyNotActionable(ServiceRequestView order) => throw new NotImplementedException();

    /// <summary>revoked or entered-in-error: work that has not been sent stops.</summary>
    public static bool IsRevoked(ServiceRequestView order) => order.Status is "revoked" or "entered-in-error";
}
