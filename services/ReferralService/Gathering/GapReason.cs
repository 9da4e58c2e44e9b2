namespace ReferralService.Gathering;

/// <summary>The reasons a <see cref="GatheringGap"/> gives.</summary>
internal static class GapReason
{
    public const string NotFound = "not-found";
    public const string Gone = "gone";
    public const string Forbidden = "forbidden";

    /// <summary>The EHR does not take this request in any form we know.</summary>
    public const string Refused = "refused";

    /// <summary>The EHR says that it has no such search.</summary>
    public const string NotOffered = "not-offered";
    public const string TimedOut = "timed-out";
    public const string Unreachable = "unreachable";

    /// <summary>What came is no FHIR JSON.</summary>
    public const string NotFhir = "not-fhir";

    /// <summary>On another server, which is never asked.</summary>
    public const string ForeignOrigin = "foreign-origin";

    /// <summary>A search instead of a reference; legal only in a transaction.</summary>
    public const string Conditional = "conditional";

    /// <summary>It names nothing that could be asked for: urn:uuid and the like.</summary>
    public const string Unresolvable = "unresolvable";

    /// <summary>An address below the EHR's FHIR base that is no resource: a search, an operation.</summary>
    public const string NotAResource = "not-a-resource";

    /// <summary>Depth, number or bytes of the record are used up.</summary>
    public const string Limit = "limit";

    /// <summary>A file beyond the limits for one file or for the record: only its address travels.</summary>
    public const string TooLarge = "too-large";

    public const string OtherPatient = "other-patient";

    /// <summary>It does not say whose it is, or not verifiably.</summary>
    public const string PatientUnknown = "patient-unknown";
    public const string EnteredInError = "entered-in-error";
    public const string Cancelled = "cancelled";

    /// <summary>Before the look-back: not asked for, or dropped where the EHR gave it all the same.</summary>
    public const string OutsideWindow = "outside-window";

    /// <summary>Of a status that was not asked for: an inactive condition, a superseded document.</summary>
    public const string NotCurrent = "not-current";

    /// <summary>The current version is in the record; the reference meant this one.</summary>
    public const string OtherVersion = "other-version";

    /// <summary>Something in the record refers to it by an element that is not followed (<see cref="Following.Name"/>).</summary>
    public const string NamedOnly = "named-only";

    /// <summary>A newer document says that it replaces this one.</summary>
    public const string Replaced = "replaced";

    /// <summary>An Endpoint (or one carried inside) with a header, or with a key in its address: it is not ours to hand on.</summary>
    public const string CredentialsInside = "credentials-inside";

    /// <summary>The EHR insists on a category: what has none of those asked for did not come.</summary>
    public const string OtherCategories = "other-categories";

    /// <summary>A file that is no base64, or not what its hash or size says; it is carried as it came.</summary>
    public const string BadContent = "bad-content";

    /// <summary>A file whose bytes did not come in any form they were asked for, or a page in their place.</summary>
    public const string NoContent = "no-content";

    /// <summary>The EHR itself says that its answer is not whole.</summary>
    public const string IncompleteAnswer = "incomplete-answer";

    /// <summary>The EHR did not search for this patient alone: nothing of its answer is used.</summary>
    public const string FilterIgnored = "filter-ignored";

    /// <summary>A search hit without id cannot be named or kept.</summary>
    public const string NoId = "no-id";

    /// <summary>A search hit whose id cannot stand in an address (slashes, spaces, endless): it is not carried, and never asked for.</summary>
    public const string UnusableId = "unusable-id";
}
