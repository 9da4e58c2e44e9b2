using ReferralService.RecipientDirectory;

namespace ReferralService.Delivery;

/// <summary>The package to be sent: identity and a way to copy its bytes from the vault, as often as asked.</summary>
internal sealed record SendablePackage(Guid PackageId, string Digest, long Bytes, Func<Stream, CancellationToken, Task> CopyToAsync);

/// <summary>The one repeatable write to a recipient, and the probe that makes repeating it safe.</summary>
internal sealed class PackageDelivery
{
    /// <summary>One attempt (house, "The walk": repeated inside only what provably had no effect).</summary>
    public Task<DeliveryOutcome> SendAsync(DeliveryTarget target, SendablePackage package, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Asks whether the recipient has the package: Delivered, Absent, Unprovable, or Unreachable/Refused when it could not be asked.</summary>
    public Task<DeliveryOutcome> ProbeAsync(DeliveryTarget target, SendablePackage package, CancellationToken cancellationToken) => throw new NotImplementedException();
}
