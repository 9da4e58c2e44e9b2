namespace ReferralService.Sandbox.Repository;

/// <summary>A server's resources in memory: every version, the current ones by type and by patient. Safe for many threads.</summary>
internal sealed class ResourceStore(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<StoredResource>> _versions = [];
    private readonly Dictionary<string, OrderedDictionary<string, StoredResource>> _current = [];
    private readonly Dictionary<(string Type, string Patient), OrderedDictionary<string, StoredResource>> _byPatient = [];
    private long _lastId = 1000;

    /// <summary>Told of every write that came over HTTP or through <see cref="Write"/>, after it is stored, in the order of the writes.</summary>
    public event Action<StoredResource>? Written;

    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Keeps bytes as they are; no one is notified.</summary>
    public StoredResource Load(ReadOnlyMemory<byte> utf8)
    {
        lock (_gate)
        {
            var resource = StoredResource.Take(utf8, "1", Now);
            Keep(resource);
            return resource;
        }
    }

    /// <summary>Creates or updates as a server does: next version, time of now, both written into meta. Subscribers hear of it.</summary>
    /// <param name="stamp">False keeps the bytes untouched but for the id.</param>
    public StoredResource Write(string type, string? id, ReadOnlyMemory<byte> utf8, bool stamp = true)
    {
        StoredResource written;
        lock (_gate) written = Put(type, id ?? NextId(), utf8, stamp);
        Written?.Invoke(written);
        return written;
    }

    /// <summary>Several writes of which either all or none are seen.</summary>
    public IReadOnlyList<StoredResource> WriteAll(IReadOnlyList<(string Type, string Id, ReadOnlyMemory<byte> Utf8)> resources)
    {
        List<StoredResource> written;
        lock (_gate) written = [.. resources.Select(r => Put(r.Type, r.Id, r.Utf8, stamp: true))];
        foreach (var resource in written) Written?.Invoke(resource);
        return written;
    }

    public StoredResource? Delete(string type, string id)
    {
        lock (_gate)
        {
            if (Latest(type, id) is not { Deleted: false } last) return null;
            var gone = last with { Version = After(last), LastUpdated = Now, Utf8 = default, Deleted = true };
            _versions[last.Key].Add(gone);
            _current[type].Remove(id);
            if (last.Patient is { } patient) _byPatient[(type, patient)].Remove(id);
            return gone;
        }
    }

    public string NextId() => Interlocked.Increment(ref _lastId).ToString();

    /// <summary>The newest version, a deletion too; null when there never was one.</summary>
    public StoredResource? Latest(string type, string id)
    {
        lock (_gate) return _versions.TryGetValue($"{type}/{id}", out var versions) ? versions[^1] : null;
    }

    public IReadOnlyList<StoredResource> Versions(string type, string id)
    {
        lock (_gate) return _versions.TryGetValue($"{type}/{id}", out var versions) ? [.. versions] : [];
    }

    /// <summary>All of a type as it stands now; of one patient when given (<c>Patient/id</c>).</summary>
    public IReadOnlyList<StoredResource> All(string type, string? patient = null)
    {
        lock (_gate)
        {
            if (patient is not null) return _byPatient.TryGetValue((type, patient), out var own) ? [.. own.Values] : [];
            return _current.TryGetValue(type, out var all) ? [.. all.Values] : [];
        }
    }

    public int Count
    {
        get { lock (_gate) return _current.Values.Sum(t => t.Count); }
    }

    private StoredResource Put(string type, string id, ReadOnlyMemory<byte> utf8, bool stamp)
    {
        var version = _versions.TryGetValue($"{type}/{id}", out var before) ? After(before[^1]) : "1";
        // What is served to the millisecond is also searched to the millisecond.
        var now = new DateTimeOffset(Now.UtcTicks / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
        var bytes = stamp ? StoredResource.Stamp(utf8.Span, id, version, now)
            : StoredResource.Text(utf8, JsonSplice.Members(utf8.Span), "id") == id ? utf8
            : JsonSplice.WithMembers(utf8.Span, ("id", JsonSplice.Quoted(id)));
        var resource = StoredResource.Take(bytes, version, now) with { Version = version, LastUpdated = now };
        Keep(resource);
        return resource;
    }

    private void Keep(StoredResource resource)
    {
        if (!_versions.TryGetValue(resource.Key, out var versions)) _versions[resource.Key] = versions = [];
        if (versions.Count > 0 && versions[^1].Patient is { } was) _byPatient[(resource.Type, was)].Remove(resource.Id);
        versions.Add(resource);
        if (!_current.TryGetValue(resource.Type, out var all)) _current[resource.Type] = all = [];
        all[resource.Id] = resource;
        if (resource.Patient is not { } patient) return;
        if (!_byPatient.TryGetValue((resource.Type, patient), out var own)) _byPatient[(resource.Type, patient)] = own = [];
        own[resource.Id] = resource;
    }

    private static string After(StoredResource resource) => long.TryParse(resource.Version, out var number) ? (number + 1).ToString() : resource.Version + ".1";
}
