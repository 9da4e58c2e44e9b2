using ReferralService.Contracts;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Files;
using ReferralService.Gathering.Plans;

namespace ReferralService.Gathering;

/// <summary>What has been gathered so far: each resource once, its newest version, and why. Safe from several fetchers at once.</summary>
internal sealed class RecordIndex(OwnOrigin own, Spool spool, GatheringOptions limits)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ResourceKey, GatheredResource> _held = [];
    private readonly SharedReasons _reasons = new();
    private readonly SharedTexts _texts = new();
    private readonly HashSet<GatheringGap> _gaps = [];
    private readonly Dictionary<ResourceKey, Aside> _aside = [];
    private readonly List<SearchRecord> _searches = [];
    private readonly Dictionary<string, ResourceKey> _links = new(StringComparer.Ordinal);
    private readonly TopicMemory _topics = new();
    private readonly ResourcesInOrder _inOrder = new();
    private long _bytes;

    /// <summary>Gathered, and not part of the record unless something that is refers to it.</summary>
    private sealed record Aside(GatheredResource Body, GatheringGap Gap, bool MayReturn);

    public int Count
    {
        get
        {
            lock (_lock) return _held.Count;
        }
    }

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Where one exchange puts what it reads.</summary>
    public SpoolDraft Draft() => new(spool, limits.MaxRecordBytes);

    /// <summary>Finds the references of a resource, their words those that the record has already.</summary>
    /// <param name="found">Emptied first.</param>
    /// <returns>What is to be looked at more closely when it is stored.</returns>
    public BodySigns Scan(RawResource resource, List<FoundReference> found)
    {
        found.Clear();
        return ReferenceScanner.Scan(resource, found, _texts);
    }

    /// <summary>Puts a resource's bytes into the spool and reads from them what the index needs; nothing is in the record yet.</summary>
    /// <param name="scratch">Room for references, used again and again by one caller.</param>
    /// <exception cref="RecordLimitException">The bytes of this record are used up.</exception>
    public GatheredResource Store(RawResource resource, List<FoundReference> scratch, SpoolDraft draft) => StoreScanned(resource, scratch, Scan(resource, scratch), draft);

    /// <summary>The same for bytes whose references were looked at already.</summary>
    /// <param name="found">As <see cref="Scan"/> found them.</param>
    /// <param name="reason">The one it will be added for, where that is known: then it need not be copied to say so.</param>
    /// <param name="named">As what it is known, where its own words do not tell.</param>
    /// <exception cref="RecordLimitException">The bytes of this record are used up.</exception>
    public GatheredResource StoreScanned(RawResource resource, List<FoundReference> found, BodySigns signs, SpoolDraft draft, InclusionReason? reason = null, ResourceKey? named = null)
    {
        var sha256 = SpooledBody.Sha256(resource, spool);
        var key = named ?? new ResourceKey(resource.Type, resource.Id!);
        IReadOnlyList<InclusionReason> reasons;
        lock (_lock)
        {
            // Seen before, in the same words: the bytes already stand in the spool.
            if (_held.TryGetValue(key, out var held) && held.Sha256 == sha256) return held;
            reasons = reason is null ? [] : _reasons.With([], reason);
        }

        RelevanceFacts? facts = null;
        if (key.Type is not ("Binary" or "Consent"))
        {
            lock (_topics) facts = RelevanceReading.Read(key, resource, _topics);
        }

        FoundReference[] references = [.. found];
        if (resource.Cuts.Count > 0) references = [.. references.Select(r => SpooledBody.InWhole(r, resource.Cuts))];
        return new GatheredResource(
            key, resource.VersionId, resource.LastUpdated, draft.Append(resource.Utf8.Span), (int)resource.Length, sha256, references, reasons)
        {
            Cuts = resource.Cuts,
            BadContent = (signs & BodySigns.Data) != 0 ? AttachmentCheck.BadContent(resource) : [],
            HasCredentials = (signs & BodySigns.Endpoint) != 0 && CredentialCheck.Inside(resource),
            Standing = ResultStanding.Of(resource),
            HidesPatient = UnreferencedPatient.In(resource, found),
            Facts = facts,
        };
    }

    /// <summary>What the file inside a Binary is whose long runs stand in the spool; null when that cannot be told.</summary>
    public FileDigest? DigestOfFile(RawResource binary) => SpooledFile.Digest(binary, spool);

    /// <summary>Makes a stored resource part of the record, or adds a reason for one that already is; the newest version of an id stays.</summary>
    /// <param name="draft">Where its bytes came in by; null when they were kept already.</param>
    /// <exception cref="RecordLimitException">Too many resources.</exception>
    public void Add(GatheredResource stored, InclusionReason reason, SpoolDraft? draft)
    {
        lock (_lock)
        {
            if (!_held.TryGetValue(stored.Key, out var held) && _held.Count >= limits.MaxResources) throw new RecordLimitException(ReasonCodes.TooCostly);
            var kept = held is null || ResourceAge.Compare(stored, held) > 0 ? stored : held;
            var reasons = _reasons.With(held?.Reasons ?? stored.Reasons, reason);
            _bytes += kept.Length - (held?.Length ?? 0);
            if (ReferenceEquals(kept, stored))
            {
                draft?.Keep(stored);
                if (held is not null && held.SpoolOffset != stored.SpoolOffset) Release(held);
            }

            kept.Reasons = reasons;
            if (ReferenceEquals(kept, held)) return;
            _held[stored.Key] = kept;
            _inOrder.Add(kept, insteadOfAnother: held is not null);
        }
    }

    /// <summary>Gives up the bytes of a resource that was kept and does not become part of the record after all.</summary>
    public void Drop(GatheredResource stored)
    {
        lock (_lock)
        {
            if (_held.GetValueOrDefault(stored.Key)?.SpoolOffset != stored.SpoolOffset) Release(stored);
        }
    }

    /// <summary>Null when it is not in the record.</summary>
    public GatheredResource? Find(ResourceKey key)
    {
        lock (_lock) return _held.GetValueOrDefault(key);
    }

    /// <summary>Whether it is in the record, or was put aside and is told as that.</summary>
    public bool Knows(ResourceKey key)
    {
        lock (_lock) return _held.ContainsKey(key) || _aside.ContainsKey(key);
    }

    /// <summary>What was put aside and may come back, by type and id.</summary>
    public List<GatheredResource> Returnable()
    {
        lock (_lock)
        {
            var bodies = _aside.Values.Where(a => a.MayReturn).Select(a => a.Body).ToList();
            bodies.Sort((a, b) => ByTypeAndId(a.Key, b.Key));
            return bodies;
        }
    }

    /// <summary>Adds a reason for what is in the record already.</summary>
    /// <param name="from">Whose reference it is; null: none.</param>
    public void Because(ResourceKey key, string rule, ResourceKey? from)
    {
        lock (_lock)
        {
            var held = _held[key];
            if (from is { } whose && !SharedReasons.IsTold(held.Reasons, rule, whose)) return;
            held.Reasons = _reasons.With(held.Reasons, new InclusionReason(rule, from is { } one ? _texts.Of(one.ToString()) : null));
        }
    }

    /// <summary>Adds reasons that no reference gives for what is in the record already.</summary>
    public void Because(ResourceKey key, IReadOnlyList<string> rules)
    {
        lock (_lock)
        {
            var held = _held[key];
            for (int i = 0; i < rules.Count; i++) held.Reasons = _reasons.With(held.Reasons, rules[i]);
        }
    }

    /// <summary>Takes a resource out of the record, and tells why unless it comes back.</summary>
    /// <param name="mayReturn">A reference from what stays brings it back.</param>
    public void PutAside(ResourceKey key, GatheringGap gap, bool mayReturn)
    {
        lock (_lock)
        {
            if (!_held.Remove(key, out var body)) return;
            _aside.Add(key, new Aside(body, gap, mayReturn));
            _inOrder.Lessen();
            _bytes -= body.Length;
        }
    }

    /// <summary>Puts aside, for good, what holds credentials. Not null: one of these does, and a record without it is none.</summary>
    public ResourceKey? WithholdCredentials(IReadOnlyList<ResourceKey> needed)
    {
        foreach (var held in InOrder())
        {
            if (!held.HasCredentials) continue;
            var key = held.Key;
            if (needed.Contains(key)) return key;
            PutAside(key, new GatheringGap(key.ToString(), GapReason.CredentialsInside, "Endpoint.header"), mayReturn: false);
        }

        return null;
    }

    /// <summary>Brings back what was put aside. Null when there is none, or it must stay out (<paramref name="barred"/>).</summary>
    public GatheredResource? TakeBack(ResourceKey key, out bool barred)
    {
        lock (_lock)
        {
            barred = _aside.TryGetValue(key, out var aside) && !aside.MayReturn;
            if (aside is null || barred) return null;
            _aside.Remove(key);
            aside.Body.Reasons = [];
            _held.Add(key, aside.Body);
            _inOrder.Add(aside.Body, insteadOfAnother: false);
            _bytes += aside.Body.Length;
            return aside.Body;
        }
    }

    /// <summary>A body but for its long runs: whole as JSON; good until the next call with the same buffer.</summary>
    public ReadOnlyMemory<byte> ThinBody(GatheredResource resource, ref byte[] buffer) => SpooledBody.ReadThin(spool, resource, ref buffer);

    /// <summary>The same as a resource with its tokens; good until the next call with the same buffer or tokens.</summary>
    public RawResource ThinResource(GatheredResource resource, ref byte[] buffer, JsonTokens tokens) => SpooledBody.ReadKnown(spool, resource, ref buffer, tokens);

    /// <summary>What plans judge a resource by.</summary>
    public RelevanceFacts FactsOf(GatheredResource resource)
    {
        if (resource.Facts is { } facts) return facts;
        byte[] buffer = [];
        using var tokens = new JsonTokens();
        lock (_topics) return resource.Facts = RelevanceReading.Read(resource.Key, ThinResource(resource, ref buffer, tokens), _topics);
    }

    public void Miss(string reference, string reason, string rule) => Miss(new GatheringGap(reference, reason, rule));

    public void Miss(GatheringGap gap)
    {
        lock (_lock) _gaps.Add(gap);
    }

    /// <summary>A plain URL, as resources write it, leads to this file.</summary>
    public void Link(string url, ResourceKey file)
    {
        lock (_lock) _links[url] = file;
    }

    /// <summary>The file that a plain URL leads to; null when none came.</summary>
    public ResourceKey? FileAt(string url)
    {
        lock (_lock) return _links.TryGetValue(url, out var file) ? file : null;
    }

    public void Asked(SearchRecord search)
    {
        lock (_lock) _searches.Add(search);
    }

    /// <summary>Everything held, by type and id: the same whatever order it came in. What comes or goes later is not seen in it.</summary>
    public IReadOnlyList<GatheredResource> InOrder()
    {
        lock (_lock) return _inOrder.Of(_held);
    }

    public GatheredRecord ToRecord(OrderSnapshot order, ResourceKey patient, PlannedRecord? planned = null, IReadOnlyList<PatientException>? exceptions = null)
    {
        lock (_lock)
        {
            _gaps.UnionWith(_aside.Values.Select(a => a.Gap));
            var resources = _inOrder.Of(_held);
            foreach (var resource in resources)
            {
                resource.Facts = null;
                if (resource.BadContent.Count > 0) _gaps.UnionWith(resource.BadContent.Select(path => new GatheringGap(resource.Key.ToString(), GapReason.BadContent, path)));
            }

            var gaps = _gaps.OrderBy(g => g.Reference, StringComparer.Ordinal).ThenBy(g => g.Rule, StringComparer.Ordinal).ThenBy(g => g.Reason, StringComparer.Ordinal);
            var searches = _searches.OrderBy(s => s.Type, StringComparer.Ordinal).ThenBy(s => s.Rule, StringComparer.Ordinal).ThenBy(s => s.Query, StringComparer.Ordinal);
            return new GatheredRecord(order, own.Base, patient, resources, [.. gaps], [.. searches], spool) { Planned = planned, Links = _links, Exceptions = exceptions ?? [] };
        }
    }

    public static int ByTypeAndId(ResourceKey a, ResourceKey b)
        => string.CompareOrdinal(a.Type, b.Type) is var byType and not 0 ? byType : string.CompareOrdinal(a.Id, b.Id);

    private void Release(GatheredResource resource)
    {
        spool.Release(resource.SpoolOffset, SpooledBody.ThinLength(resource));
        foreach (var cut in resource.Cuts) spool.Release(cut.Kept, cut.Length);
    }
}
