namespace ReferralService.Packaging.Withholding;

/// <summary>What is done with what no consent speaks of.</summary>
internal enum ConsentDefault
{
    /// <summary>Sent, unless it is labelled (by the EHR or by its codes) restricted, sensitive, or protected by a law that wants consent.</summary>
    PermitNormal,

    /// <summary>Sent, unless it is under a law that wants consent (42 CFR Part 2) or labelled not to be disclosed without.</summary>
    Permit,

    /// <summary>Nothing is sent without a consent.</summary>
    Deny,
}

/// <summary>What is done when the EHR has Consents and does not let them be read.</summary>
internal enum ConsentsUnread
{
    /// <summary>The referral is held, <c>consent-unclear</c>.</summary>
    Hold,

    /// <summary>As if there were none, but nothing special goes.</summary>
    UseDefault,
}

/// <summary>Section <c>Consent</c>.</summary>
internal sealed record ConsentOptions
{
    /// <summary>Statement 1 of 42 CFR 2.32(a) as amended in 2024 (compliance date 16 February 2026).</summary>
    public const string Part2Statement = """
        This record which has been disclosed to you is protected by Federal confidentiality rules (42 CFR part 2). These rules prohibit you from using or disclosing this record, or testimony that describes the information contained in this record, in any civil, criminal, administrative, or legislative proceedings by any Federal, State, or local authority, against the patient, unless authorized by the consent of the patient, except as provided at 42 CFR 2.12(c)(5) or as authorized by a court in accordance with 42 CFR 2.64 or 2.65. In addition, the Federal rules prohibit you from making any other use or disclosure of this record unless at least one of the following applies: (i) Further use or disclosure is expressly permitted by the written consent of the individual whose information is being disclosed in this record or as otherwise permitted by 42 CFR part 2. (ii) You are a covered entity or business associate and have received the record for treatment, payment, or health care operations, or (iii) You have received the record from a covered entity or business associate as permitted by 45 CFR part 164, subparts A and E. A general authorization for the release of medical or other information is NOT sufficient to meet the required elements of written consent to further use or redisclose the record (see 42 CFR 2.31).
        """;

    public ConsentDefault Default { get; init; } = ConsentDefault.PermitNormal;

    /// <summary>Not where the EHR says that it keeps none: then there are none.</summary>
    public ConsentsUnread WhenUnread { get; init; } = ConsentsUnread.Hold;

    /// <summary>Travels with whatever of Part 2 a consent lets pass.</summary>
    public string Part2Notice { get; init; } = Part2Statement;

    public ConsentPolicies Policies { get; init; } = ConsentPolicies.None;

    /// <summary>Rules that label by code, those of <c>Consent:LabelFolder</c> among them.</summary>
    public LabelBook Labels { get; init; } = LabelBook.Empty;

    public static ConsentOptions Read(SettingsReader settings)
    {
        var consent = settings.Part("Consent");
        var folder = consent.Text("LabelFolder");
        var notice = consent.Text("Part2Notice");
        if (consent.Exists("Part2Notice") && string.IsNullOrWhiteSpace(notice)) consent.Fault("Part2Notice", "is empty; give the notice's words, or take the setting out: then it is statement 1 of 42 CFR 2.32(a)");
        var options = new ConsentOptions
        {
            Default = consent.Choice("Default", ConsentDefault.PermitNormal),
            WhenUnread = consent.Choice("WhenUnread", ConsentsUnread.Hold),
            Part2Notice = notice ?? Part2Statement,
            Policies = new ConsentPolicies(PolicyNames(consent, "PermittingPolicies"), PolicyNames(consent, "DenyingPolicies")),
            Labels = LabelFiles.Load(folder, fault => consent.Fault("LabelFolder", fault)),
        };
        foreach (string both in options.Policies.Permitting.Intersect(options.Policies.Denying)) consent.Fault("PermittingPolicies", "names a policy that DenyingPolicies names, too");
        return options;
    }

    /// <summary>What could never stand in a Consent would be a rule that does nothing.</summary>
    private static List<string> PolicyNames(SettingsReader consent, string list)
    {
        var names = new List<string>();
        foreach (var (key, text) in consent.Items(list))
        {
            bool good = text.Split('|') is [var system, var code] ? IsUri(system) && code.Length > 0 : IsUri(text);
            if (good) names.Add(text);
            else consent.Fault(key, "is no policy: the uri of Consent.policy, e.g. https://example.org/policies/opt-in, or system|code of Consent.policyRule, e.g. https://example.org/policies|opt-in");
        }

        return names;
    }

    /// <summary>With its scheme: .NET takes a path for one, too.</summary>
    private static bool IsUri(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && text.StartsWith($"{uri.Scheme}:", StringComparison.OrdinalIgnoreCase) && !text.Contains(' ');
}
