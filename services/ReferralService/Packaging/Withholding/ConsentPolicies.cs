using ReferralService.Fhir.Resources;

namespace ReferralService.Packaging.Withholding;

/// <summary>How privacy policies are read that a Consent names by uri or code instead of spelling them out: OPTIN and OPTOUT of v3-ActCode, and those the operator lists.</summary>
/// <param name="Permitting">Policy uris, or <c>system|code</c> of a policyRule.</param>
internal sealed record ConsentPolicies(IReadOnlyList<string> Permitting, IReadOnlyList<string> Denying)
{
    public static ConsentPolicies None { get; } = new([], []);

    /// <summary>Whether the policy permits (true), denies (false), or is not known to us; where several are named, one that denies wins and one that is not known spoils the rest.</summary>
    public bool? Base(ConsentView consent)
    {
        var rules = consent.PolicyRule?.Codings ?? [];
        var named = rules.Select(c => $"{c.System}|{c.Code}").Concat(consent.Provision is null && rules.Count == 0 ? consent.PolicyUris : []).ToList();
        var read = named.Select(Read).ToList();
        return read.Contains(false) ? false : read.Count > 0 && read.TrueForAll(r => r == true) ? true : null;
    }

    private bool? Read(string policy) => policy switch
    {
        $"{LabelSystems.ActCode}|OPTIN" => true,
        $"{LabelSystems.ActCode}|OPTOUT" => false,
        _ when Denying.Contains(policy) => false,
        _ when Permitting.Contains(policy) => true,
        _ => null,
    };
}
