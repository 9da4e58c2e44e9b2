using MassTransit;
using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>Takes <see cref="PackageReferral"/>. A wake-up whose claim fails is acknowledged as nothing to do; the bus never retries.</summary>
internal sealed class PackageReferralConsumer(StepRunner runner) : IConsumer<PackageReferral>
{
    public Task Consume(ConsumeContext<PackageReferral> context)
        => runner.RunAsync(new ReferralId(context.Message.ReferralId), context.Message.Fence, crashes: 0);
}

/// <summary>Takes <see cref="DeliverReferral"/>.</summary>
internal sealed class DeliverReferralConsumer(StepRunner runner) : IConsumer<DeliverReferral>
{
    public Task Consume(ConsumeContext<DeliverReferral> context)
        => runner.RunAsync(new ReferralId(context.Message.ReferralId), context.Message.Fence, crashes: 0);
}
