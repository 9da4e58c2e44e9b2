using ReferralService.Gathering;

namespace ReferralService.Packaging;

/// <summary>Writes the Bundle of a record once, from slices, to a stream. A function of its arguments.</summary>
internal sealed class PackageBuilder
{
    public Task<PackagingOutcome> BuildAsync(GatheredRecord record, PackageOrder order, Stream output, CancellationToken cancellationToken)
        => throw new NotImplementedException();
}
