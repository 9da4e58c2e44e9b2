namespace ReferralService.Packaging.Conformance;

/// <summary>What is done with a resource of the EHR's that is not as R4 says.</summary>
internal enum CarriedPolicy
{
    /// <summary>It is sent untouched and listed in the manifest.</summary>
    Warn,

    /// <summary>The referral is held, <c>record-invalid</c>, until the EHR's resource is mended.</summary>
    Hold,
}

/// <summary>Section <c>Validation</c>.</summary>
internal sealed record ValidationOptions
{
    /// <summary>Default: Warn. Most records have something that R4 does not allow, and a second opinion does not wait for it.</summary>
    public CarriedPolicy Carried { get; init; }

    public static ValidationOptions Read(SettingsReader settings) => new() { Carried = settings.Part("Validation").Choice("Carried", CarriedPolicy.Warn) };
}
