using ReferralService.Fhir.Json;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Files;
using ReferralService.Gathering.Plans;

namespace ReferralService.Gathering;

/// <summary>Why a resource is in the record.</summary>
/// <param name="Rule">Code of the rule or edge, e.g. <c>order</c>, <c>order.subject</c>, <c>search.Observation.laboratory</c>, <c>DiagnosticReport.result</c>.</param>
/// <param name="From">The resource whose reference led here (<c>Type/id</c>), or null for a search.</param>
internal sealed record InclusionReason(string Rule, string? From);

/// <summary>One resource of the record; its bytes stand in the spool.</summary>
/// <param name="Length">Of the whole body.</param>
/// <param name="References">As scanned when it was read; offsets into the whole body.</param>
internal sealed record GatheredResource(
    ResourceKey Key,
    string? VersionId,
    string? LastUpdated,
    long SpoolOffset,
    int Length,
    BodyDigest Sha256,
    IReadOnlyList<FoundReference> References,
    IReadOnlyList<InclusionReason> Reasons)
{
    /// <summary>Only <see cref="RecordIndex"/> adds to them, and only while the record is gathered: nearly all resources get a reason more, and a copy for each would be most of what is allocated.</summary>
    public IReadOnlyList<InclusionReason> Reasons { get; internal set; } = Reasons;

    /// <summary>Long runs that stand elsewhere in the spool; <see cref="SpoolOffset"/> is where the rest stands.</summary>
    public IReadOnlyList<BodyCut> Cuts { get; init; } = [];

    /// <summary>Of a file that is no resource of the EHR's: its absolute URL as the first resource that refers to it has it, signature and all; null for everything else.</summary>
    public string? Address { get; init; }

    /// <summary>Paths of files inside it that are not what they say.</summary>
    public IReadOnlyList<string> BadContent { get; init; } = [];

    /// <summary>It holds what opens a door elsewhere (<see cref="CredentialCheck"/>): it is not carried.</summary>
    public bool HasCredentials { get; init; }

    /// <summary>It says whose it is, but not by a reference (<see cref="UnreferencedPatient"/>).</summary>
    public bool HidesPatient { get; init; }

    /// <summary>What plans judge it by; null where it was not read for them, and when the record is closed.</summary>
    public RelevanceFacts? Facts { get; internal set; }

    /// <summary>What its status says of it where that is not simply final: preliminary, partial, registered, corrected, amended, appended.</summary>
    public string? Standing { get; init; }
}

/// <summary>Something that is not in the record, and why: never a silent hole.</summary>
/// <param name="Reference">What is missing: <c>Type/id</c>, an absolute URL, <c>Type?search-rule</c>, or by the plan's own codes and
/// dates what a search leaves out (<c>Observation?date=lt2024-11-22</c>); never a value from a record.</param>
/// <param name="Reason">not-found, forbidden, withheld, too-large, timed-out, outside-window, other-patient, not-fhir, foreign-origin, conditional, limit …</param>
/// <param name="Rule">The rule or edge that asked for it.</param>
internal sealed record GatheringGap(string Reference, string Reason, string Rule);

/// <summary>One search that was made: what it asked and what came; parameter names and codes, the patient's id left out.</summary>
/// <param name="Refusal">Why the EHR did not answer it, of <see cref="GapReason"/>; null: it did. Another form was asked then.</param>
internal sealed record SearchRecord(string Type, string Rule, string Query, int Pages, int Found, int Kept, IReadOnlyList<string> IgnoredParameters, string? Refusal = null);

/// <summary>The record of one order: an index in memory, the bodies in a spool that goes with it when disposed.</summary>
internal sealed class GatheredRecord(
    OrderSnapshot order,
    string ehrBase,
    ResourceKey patient,
    IReadOnlyList<GatheredResource> resources,
    IReadOnlyList<GatheringGap> gaps,
    IReadOnlyList<SearchRecord> searches,
    Spool spool) : IAsyncDisposable
{
    public OrderSnapshot Order { get; } = order;

    /// <summary>The EHR's FHIR base without trailing slash.</summary>
    public string EhrBase { get; } = ehrBase;

    public ResourceKey Patient { get; } = patient;

    /// <summary>Each once, the order and the Patient among them; ordered by type and id (ordinal).</summary>
    public IReadOnlyList<GatheredResource> Resources { get; } = resources;

    public IReadOnlyList<GatheringGap> Gaps { get; } = gaps;

    public IReadOnlyList<SearchRecord> Searches { get; } = searches;

    /// <summary>By which plans it was chosen; null where none was asked.</summary>
    public PlannedRecord? Planned { get; init; }

    /// <summary>Plain URLs of files, as resources write them, and as what the files are kept.</summary>
    public IReadOnlyDictionary<string, ResourceKey> Links { get; init; } = new Dictionary<string, ResourceKey>();

    /// <summary>What of it stands in another Patient's record; checked once more before it is packaged.</summary>
    public IReadOnlyList<PatientException> Exceptions { get; init; } = [];

    /// <summary>Absolute, unversioned URL at the EHR, the entry's fullUrl in documents and collections; of a linked file scheme, host and path of where it was fetched.</summary>
    public string SourceUrl(GatheredResource resource) => resource.Address is { } address ? FileLink.Show(address) : $"{EhrBase}/{resource.Key.Type}/{resource.Key.Id}";

    /// <summary>Where the bodies stand.</summary>
    public Spool Spool { get; } = spool;

    /// <summary>The bytes of one resource, exactly as received; good until the next call with the same buffer.</summary>
    public ReadOnlyMemory<byte> Body(GatheredResource resource, ref byte[] buffer) => SpooledBody.Read(Spool, resource, ref buffer);

    /// <summary>The same in pieces, so that a large body need not be held.</summary>
    public SpooledPieces Pieces(GatheredResource resource) => new(Spool, resource);

    /// <summary>What of a resource is not in its <see cref="GatheredResource.Cuts"/>: JSON that says the same but for long runs of base64.</summary>
    public ReadOnlyMemory<byte> ThinBody(GatheredResource resource, ref byte[] buffer) => SpooledBody.ReadThin(Spool, resource, ref buffer);

    /// <summary>The same as a resource with its tokens; good until the next call with the same buffer or tokens.</summary>
    public RawResource ThinResource(GatheredResource resource, ref byte[] buffer, JsonTokens tokens) => SpooledBody.ReadKnown(Spool, resource, ref buffer, tokens);

    /// <summary>The same record with only these of its resources. It shares the spool: dispose of the one it was made from, not of this.</summary>
    public GatheredRecord Keeping(IReadOnlyList<GatheredResource> kept)
        => new(Order, EhrBase, Patient, kept, Gaps, Searches, Spool) { Planned = Planned, Links = Links, Exceptions = Exceptions };

    public ValueTask DisposeAsync() => Spool.DisposeAsync();
}
