using MassTransit;
using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>Takes <see cref="PackageReferral"/>. Acknowledged when the step has a place here or the claim is given back, within a second either way; the bus never retries.</summary>
internal sealed class PackageReferralConsumer(LocalSteps steps) : IConsumer<PackageReferral>
{
    public Task Consume(ConsumeContext<PackageReferral> context) => steps.TakeAsync(new ReferralId(context.Message.ReferralId), context.Message.Fence);
}

/// <summary>Takes <see cref="DeliverReferral"/>.</summary>
internal sealed class DeliverReferralConsumer(LocalSteps steps) : IConsumer<DeliverReferral>
{
    public Task Consume(ConsumeContext<DeliverReferral> context) => steps.TakeAsync(new ReferralId(context.Message.ReferralId), context.Message.Fence);
}
