namespace ReferralService.Gathering;

/// <summary>Reads one ServiceRequest from its EHR, by id, now.</summary>
internal sealed class OrderReader
{
    public Task<OrderReading> ReadAsync(string ehr, string orderId, CancellationToken cancellationToken) => throw new NotImplementedException();
}
