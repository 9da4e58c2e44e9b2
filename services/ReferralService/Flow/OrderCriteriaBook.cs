using ReferralService.Gathering;
using ReferralService.Intake;

namespace ReferralService.Flow;

/// <summary>The criteria of each EHR, read once.</summary>
internal sealed class OrderCriteriaBook(EhrRegistry ehrs)
{
    private readonly Dictionary<string, OrderCriteria> _criteria = ehrs.All.ToDictionary(e => e.Name, e => OrderCriteria.Parse(e.Criteria), StringComparer.Ordinal);

    public OrderCriteria For(string ehr) => _criteria[ehr];
}
