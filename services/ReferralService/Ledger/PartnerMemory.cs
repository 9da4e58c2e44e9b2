namespace ReferralService.Ledger;

/// <summary>What was learned of a partner (a limit met, a search refused, a form that works): key and value per partner, shared by all replicas.</summary>
internal sealed class PartnerMemory
{
    /// <param name="partner"><c>ehr:{name}</c> or <c>recipient:{name}</c>.</param>
    public Task<IReadOnlyDictionary<string, string>> RecallAsync(string partner, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task LearnAsync(string partner, string key, string value, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task ForgetAsync(string partner, CancellationToken cancellationToken) => throw new NotImplementedException();
}
