using System.Security.Cryptography;
using ReferralService.Contracts;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>The record is larger than it may be. <see cref="Code"/> is too-large or too-costly.</summary>
internal sealed class RecordLimitException(string code) : Exception($"The record exceeds a limit ({code}).")
{
    public string Code { get; } = code;
}

/// <summary>A body in the spool that may become part of the record.</summary>
internal sealed record StoredBody(
    ResourceKey Key, string? VersionId, string? LastUpdated, long Offset, int Length, string Sha256, IReadOnlyList<FoundReference> References);

/// <summary>What has been gathered so far: each resource once, its newest version, and why. Safe from several fetchers at once.</summary>
internal sealed class RecordIndex(OwnOrigin own, Spool spool, GatheringOptions limits)
{
    /// <summary>Reasons kept of one resource: the first in order, whatever came first in time.</summary>
    private const int MostReasons = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<ResourceKey, Held> _held = [];
    private readonly Dictionary<string, string> _strings = new(StringComparer.Ordinal);
    private readonly HashSet<GatheringGap> _gaps = [];
    private readonly List<SearchRecord> _searches = [];
    private long _bytes;

    public int Count
    {
        get
        {
            lock (_lock) return _held.Count;
        }
    }

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Puts a resource's bytes into the spool and reads from them what the index needs; nothing is in the record yet.</summary>
    /// <exception cref="RecordLimitException">The bytes of this record are used up.</exception>
    public StoredBody Store(RawResource resource, List<FoundReference> scratch)
    {
        var utf8 = resource.Utf8.Span;
        if (spool.Length + utf8.Length > limits.MaxRecordBytes) throw new RecordLimitException(ReasonCodes.TooLarge);
        scratch.Clear();
        ReferenceScanner.Scan(utf8, scratch);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(utf8));
        ResourceKey key;
        lock (_lock)
        {
            key = new ResourceKey(Shared(resource.Type), resource.Id!);

            // Seen before, in the same words: the bytes already stand in the spool.
            if (_held.TryGetValue(key, out var held) && held.Body.Sha256 == sha256) return held.Body;
        }

        long offset = spool.Append(utf8);
        return new StoredBody(key, resource.VersionId, resource.LastUpdated, offset, utf8.Length, sha256, Lean(scratch));
    }

    /// <summary>Makes a body part of the record, or adds a reason for one that already is; the newest version of an id stays.</summary>
    /// <exception cref="RecordLimitException">Too many resources.</exception>
    public void Add(StoredBody body, InclusionReason reason)
    {
        lock (_lock)
        {
            if (!_held.TryGetValue(body.Key, out var held))
            {
                if (_held.Count >= limits.MaxResources) throw new RecordLimitException(ReasonCodes.TooCostly);
                _held.Add(body.Key, held = new Held { Body = body });
                _bytes += body.Length;
            }
            else if (IsNewer(body, held.Body))
            {
                _bytes += body.Length - held.Body.Length;
                held.Body = body;
            }

            held.Because(reason);
        }
    }

    /// <summary>Null when it is not in the record.</summary>
    public StoredBody? Find(ResourceKey key)
    {
        lock (_lock) return _held.TryGetValue(key, out var held) ? held.Body : null;
    }

    /// <summary>Adds a reason for what is in the record already.</summary>
    public void Because(ResourceKey key, InclusionReason reason)
    {
        lock (_lock) _held[key].Because(reason);
    }

    public void Miss(string reference, string reason, string rule)
    {
        lock (_lock) _gaps.Add(new GatheringGap(reference, reason, rule));
    }

    public void Asked(SearchRecord search)
    {
        lock (_lock) _searches.Add(search);
    }

    /// <summary>Everything held, by type and id: the same whatever order it came in.</summary>
    public IReadOnlyList<StoredBody> Bodies()
    {
        lock (_lock) return [.. _held.Values.Select(h => h.Body).OrderBy(b => b.Key.Type, StringComparer.Ordinal).ThenBy(b => b.Key.Id, StringComparer.Ordinal)];
    }

    public GatheredRecord ToRecord(OrderSnapshot order, ResourceKey patient)
    {
        lock (_lock)
        {
            var resources = _held.Values
                .OrderBy(h => h.Body.Key.Type, StringComparer.Ordinal).ThenBy(h => h.Body.Key.Id, StringComparer.Ordinal)
                .Select(h => new GatheredResource(
                    h.Body.Key, $"{own.Base}/{h.Body.Key}", h.Body.VersionId, h.Body.LastUpdated, h.Body.Offset, h.Body.Length, h.Body.Sha256, h.Body.References, [.. h.Reasons]))
                .ToArray();
            var gaps = _gaps.OrderBy(g => g.Reference, StringComparer.Ordinal).ThenBy(g => g.Rule, StringComparer.Ordinal).ThenBy(g => g.Reason, StringComparer.Ordinal);
            var searches = _searches.OrderBy(s => s.Type, StringComparer.Ordinal).ThenBy(s => s.Rule, StringComparer.Ordinal).ThenBy(s => s.Query, StringComparer.Ordinal);
            return new GatheredRecord(order, own.Base, patient, resources, [.. gaps], [.. searches], spool);
        }
    }

    /// <summary>A record has tens of thousands of references in a few hundred different words.</summary>
    private FoundReference[] Lean(List<FoundReference> references)
    {
        if (references.Count == 0) return [];
        var lean = new FoundReference[references.Count];
        lock (_lock)
        {
            for (int i = 0; i < lean.Length; i++) lean[i] = references[i] with { Text = Shared(references[i].Text), Path = Shared(references[i].Path) };
        }

        return lean;
    }

    private string Shared(string text)
    {
        if (_strings.TryGetValue(text, out var shared)) return shared;
        _strings.Add(text, text);
        return text;
    }

    private static bool IsNewer(StoredBody one, StoredBody other)
    {
        if (one.Sha256 == other.Sha256) return false;
        int byTime = Nullable.Compare(FhirDate.Instant(one.LastUpdated), FhirDate.Instant(other.LastUpdated));
        if (byTime != 0) return byTime > 0;
        if (long.TryParse(one.VersionId, out long mine) && long.TryParse(other.VersionId, out long theirs) && mine != theirs) return mine > theirs;
        return string.CompareOrdinal(one.Sha256, other.Sha256) > 0;
    }

    private sealed class Held
    {
        public required StoredBody Body { get; set; }

        public List<InclusionReason> Reasons { get; } = [];

        public void Because(InclusionReason reason)
        {
            int at = Reasons.BinarySearch(reason, ReasonOrder.Instance);
            if (at >= 0) return;
            if (~at < MostReasons) Reasons.Insert(~at, reason);
            if (Reasons.Count > MostReasons) Reasons.RemoveAt(MostReasons);
        }
    }

    private sealed class ReasonOrder : IComparer<InclusionReason>
    {
        public static readonly ReasonOrder Instance = new();

        public int Compare(InclusionReason? x, InclusionReason? y)
            => string.CompareOrdinal(x!.Rule, y!.Rule) is var byRule and not 0 ? byRule : string.CompareOrdinal(x.From, y.From);
    }
}
