using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>An EHR's <c>Criteria</c>, evaluated on the order itself: the EHR's own filter is never trusted.</summary>
internal sealed class OrderCriteria
{
    private static readonly string[] OrderIntents = ["order", "original-order", "reflex-order", "filler-order", "instance-order"];

    private readonly IReadOnlyList<CriteriaParameter> _parameters;

    private OrderCriteria(IReadOnlyList<CriteriaParameter> parameters) => _parameters = parameters;

    /// <summary>As written, in their order; each must hold.</summary>
    public IReadOnlyList<CriteriaParameter> Parameters => _parameters;

    /// <summary>Parses a search on ServiceRequest (status, intent, category, code, priority, performer, requester … with the common modifiers).</summary>
    /// <exception cref="FormatException">A parameter that cannot be evaluated locally; the message names it.</exception>
    public static OrderCriteria Parse(string criteria)
    {
        int question = criteria.IndexOf('?', StringComparison.Ordinal);
        var type = question < 0 ? criteria : criteria[..question];
        if (type != "ServiceRequest") throw new FormatException("Criteria must be a search on ServiceRequest, e.g. ServiceRequest?status=active&intent=order.");

        var query = question < 0 ? "" : criteria[(question + 1)..];
        return new OrderCriteria([.. query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(CriteriaParameter.Parse)]);
    }

    /// <summary>Null when it matches; else why not: <c>status</c>, <c>intent</c>, <c>do-not-perform</c>, <c>category</c>, <c>code</c> …</summary>
    public string? WhyNot(ServiceRequestView order)
    {
        foreach (var parameter in _parameters)
        {
            if (!Matches(parameter, order)) return parameter.Name;
        }

        return null;
    }

    /// <summary>Whether the order may be acted on at all, whatever the criteria: active, an order intent, not doNotPerform. Null when it may.</summary>
    public static string? WhyNotActionable(ServiceRequestView order)
        => order.DoNotPerform ? "do-not-perform"
            : order.Status != "active" ? "status"
            : !OrderIntents.Contains(order.Intent, StringComparer.Ordinal) ? "intent"
            : null;

    /// <summary>revoked or entered-in-error: work that has not been sent stops.</summary>
    public static bool IsRevoked(ServiceRequestView order) => order.Status is "revoked" or "entered-in-error";

    private static bool Matches(CriteriaParameter parameter, ServiceRequestView order) => parameter.Name switch
    {
        "_id" => parameter.MatchesCodes([order.Id]),
        "status" => parameter.MatchesCodes(Present(order.Status)),
        "intent" => parameter.MatchesCodes(Present(order.Intent)),
        "priority" => parameter.MatchesCodes(Present(order.Priority)),
        "category" => parameter.MatchesCodings([.. order.Category.SelectMany(c => c.Codings)]),
        "code" => parameter.MatchesCodings(order.Code?.Codings ?? []),
        "performer-type" => parameter.MatchesCodings(order.PerformerType?.Codings ?? []),
        "identifier" => parameter.MatchesIdentifiers(order.Identifier),
        "subject" => parameter.MatchesReferences(Present(order.Subject)),
        "patient" => parameter.MatchesReferences(Present(order.Subject), "Patient"),
        "encounter" => parameter.MatchesReferences(Present(order.Encounter), "Encounter"),
        "requester" => parameter.MatchesReferences(Present(order.Requester)),
        "performer" => parameter.MatchesReferences(order.Performer),
        "specimen" => parameter.MatchesReferences(order.Specimen, "Specimen"),
        "based-on" => parameter.MatchesReferences(order.BasedOn),
        _ => false,
    };

    private static IReadOnlyList<T> Present<T>(T? value) where T : class => value is null ? [] : [value];
}
