namespace ReferralService.Ledger;

/// <summary>Which rows a decision is about and is serialized with: all referrals of one order, or the one referral and those of its order.</summary>
internal abstract record DecisionScope
{
    private DecisionScope() { }

    public sealed record Order(string Ehr, string OrderId) : DecisionScope;

    public sealed record One(ReferralId Id) : DecisionScope;
}
