namespace ReferralService.Gathering;

/// <summary>Gathers the record that belongs to an order: plan, pages, references, spool.</summary>
internal sealed class RecordGatherer
{
    /// <param name="now">The look-back window ends here.</param>
    /// <param name="tries">How often this was tried before; optional pulls become gaps after the third try.</param>
    public Task<GatherOutcome> GatherAsync(OrderSnapshot order, DateTimeOffset now, int tries, CancellationToken cancellationToken) => throw new NotImplementedException();
}
