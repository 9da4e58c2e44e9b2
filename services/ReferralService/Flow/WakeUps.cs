namespace ReferralService.Flow;

/// <summary>Wake-up: gather and package this referral, if its fence still is <paramref name="Fence"/>. Losing one loses nothing: the row falls due again.</summary>
public sealed record PackageReferral(Guid ReferralId, long Fence, DateTimeOffset At);

/// <summary>Wake-up: deliver this referral, if its fence still is <paramref name="Fence"/>.</summary>
public sealed record DeliverReferral(Guid ReferralId, long Fence, DateTimeOffset At);
