using ReferralService.Intake.Settings;

namespace ReferralService.Intake.Access;

/// <summary>Finds the configured partner that an address names: a name that somebody made up is never recorded.</summary>
internal sealed class KnownPartners(EhrRegistry ehrs, KnownRecipients recipients)
{
    /// <param name="kind">ehr or recipient; anything else: whichever of the two it is.</param>
    /// <returns><c>ehr:{name}</c> or <c>recipient:{name}</c>; null: there is none, or one of each kind.</returns>
    public string? Find(string? kind, string name) => (kind != "recipient" && ehrs.Find(name) is not null, kind != "ehr" && recipients.Contains(name)) switch
    {
        (true, false) => $"ehr:{name}",
        (false, true) => $"recipient:{name}",
        _ => null,
    };
}
