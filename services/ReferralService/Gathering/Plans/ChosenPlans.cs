using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>The plans of one referral, chosen before anything is searched for.</summary>
/// <param name="Diagnosed">The earliest that the date of diagnosis may mean; null when it is not known.</param>
internal sealed record ChosenPlans(IReadOnlyList<ChosenPlan> Plans, DateTimeOffset? Diagnosed)
{
    /// <param name="reasons">The Conditions that the order names as its reason; those that are not in the index choose nothing.</param>
    public static ChosenPlans For(OrderSnapshot order, IEnumerable<ResourceKey> reasons, RecordIndex index, PlanBook plans)
    {
        byte[] buffer = [];
        var conditions = new List<ConditionView>();
        foreach (var key in reasons)
        {
            if (index.Find(key) is { } body && Read(RawResource.Read(index.ThinBody(body, ref buffer))) is { } condition) conditions.Add(condition);
        }

        var facts = OrderFacts.Of(order.View, conditions);
        return new ChosenPlans(PlanChoice.For(facts, plans), facts.Diagnosed);
    }

    /// <summary>Null when it cannot be read as one: then it chooses no plan.</summary>
    private static ConditionView? Read(RawResource resource)
    {
        try
        {
            return ConditionView.Read(resource);
        }
        catch (FhirFormatException)
        {
            return null;
        }
    }
}
