namespace ReferralService.Gathering.Plans;

/// <summary>What a plan may want with a finding, beside its words.</summary>
internal enum Evidence
{
    File,
    Images,
}
