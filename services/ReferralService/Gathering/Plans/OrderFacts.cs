using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>What an order says about its purpose: all that the choice of plans goes by.</summary>
internal sealed record OrderFacts
{
    private static readonly ConceptView[] Nothing = [];

    public IReadOnlyList<ConceptView> Category { get; init; } = Nothing;
    public ConceptView? Code { get; init; }
    public IReadOnlyList<ConceptView> ReasonCode { get; init; } = Nothing;
    public IReadOnlyList<ConceptView> ReasonCondition { get; init; } = Nothing;
    public ConceptView? PerformerType { get; init; }

    /// <summary>The earliest day that the conditions named as reasons are known from; null when none says.</summary>
    public DateTimeOffset? Diagnosed { get; init; }

    /// <param name="reasons">The Conditions that reasonReference names, as far as they could be read.</param>
    public static OrderFacts Of(ServiceRequestView order, IReadOnlyList<ConditionView> reasons) => new()
    {
        Category = order.Category,
        Code = order.Code,
        ReasonCode = order.ReasonCode,
        ReasonCondition = [.. reasons.Select(r => r.Code).OfType<ConceptView>()],
        PerformerType = order.PerformerType,
        Diagnosed = reasons.Select(r => PlanDate.Of(r.Onset ?? r.RecordedDate)?.Earliest).Min(),
    };

    public IReadOnlyList<ConceptView> At(OrderElement element) => element switch
    {
        OrderElement.Category => Category,
        OrderElement.Code => Code is null ? Nothing : [Code],
        OrderElement.ReasonCode => ReasonCode,
        OrderElement.ReasonCondition => ReasonCondition,
        OrderElement.PerformerType => PerformerType is null ? Nothing : [PerformerType],
        _ => throw new ArgumentOutOfRangeException(nameof(element)),
    };

    public static string Path(OrderElement element) => element switch
    {
        OrderElement.Category => "ServiceRequest.category",
        OrderElement.Code => "ServiceRequest.code",
        OrderElement.ReasonCode => "ServiceRequest.reasonCode",
        OrderElement.ReasonCondition => "ServiceRequest.reasonReference",
        OrderElement.PerformerType => "ServiceRequest.performerType",
        _ => throw new ArgumentOutOfRangeException(nameof(element)),
    };
}
