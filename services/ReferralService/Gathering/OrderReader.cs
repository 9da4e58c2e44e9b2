using ReferralService.Contracts;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>Reads one ServiceRequest from its EHR, by id, now.</summary>
internal sealed class OrderReader(EhrConnections connections)
{
    public async Task<OrderReading> ReadAsync(string ehr, string orderId, CancellationToken cancellationToken)
    {
        if (connections.Find(ehr) is not { } connection) return new OrderReading.Unreadable(ReasonCodes.EhrUnknown, null, NeedsPerson: true);
        try
        {
            return new OrderReading.Found(await connection.GetAsync((client, token) => SnapshotAsync(client, ehr, orderId, token), cancellationToken));
        }
        catch (Exception e) when (EhrFailure.Of(e) is { } failure)
        {
            return failure.Kind switch
            {
                FailureKind.NotFound => new OrderReading.NotFound(),
                FailureKind.Gone => new OrderReading.Gone(),
                FailureKind.Transient or FailureKind.Refused => new OrderReading.Unreadable(failure.Code, failure.RetryAfter, NeedsPerson: false),
                _ => new OrderReading.Unreadable(failure.Code, failure.RetryAfter, NeedsPerson: true),
            };
        }
    }

    private static async Task<OrderSnapshot> SnapshotAsync(Fhir.Client.FhirClient client, string ehr, string orderId, CancellationToken cancellationToken)
    {
        var resource = await client.ReadAsync("ServiceRequest", orderId, cancellationToken);
        return new OrderSnapshot(ehr, ServiceRequestView.Read(resource), resource.Utf8.ToArray());
    }
}
