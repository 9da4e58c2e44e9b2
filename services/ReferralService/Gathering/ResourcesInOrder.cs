using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>What is held, by type and id: asked for after each round of gathering, and sorted only as far as something came since. Not safe from several threads.</summary>
internal sealed class ResourcesInOrder
{
    private readonly List<GatheredResource> _added = [];
    private GatheredResource[] _inOrder = [];

    /// <summary>Something that stands in either list may be held no longer.</summary>
    private bool _lessened;

    /// <param name="insteadOfAnother">Of the same key.</param>
    public void Add(GatheredResource resource, bool insteadOfAnother)
    {
        _added.Add(resource);
        _lessened |= insteadOfAnother;
    }

    /// <summary>Something is held no longer.</summary>
    public void Lessen() => _lessened = true;

    /// <summary>All of it; what comes or goes later is not seen in it.</summary>
    public GatheredResource[] Of(Dictionary<ResourceKey, GatheredResource> held)
    {
        if (_added.Count == 0 && !_lessened) return _inOrder;
        if (_lessened) _added.RemoveAll(r => !IsHeld(r));
        _added.Sort(static (a, b) => RecordIndex.ByTypeAndId(a.Key, b.Key));
        var all = new GatheredResource[held.Count];
        int at = 0, next = 0;
        foreach (var before in _inOrder)
        {
            if (_lessened && !IsHeld(before)) continue;
            while (next < _added.Count && RecordIndex.ByTypeAndId(_added[next].Key, before.Key) < 0) Take(_added[next++]);
            Take(before);
        }

        while (next < _added.Count) Take(_added[next++]);
        _added.Clear();
        (_inOrder, _lessened) = (all, false);
        return all;

        bool IsHeld(GatheredResource resource) => ReferenceEquals(held.GetValueOrDefault(resource.Key), resource);

        // Taken out and brought back in between, it stands in both.
        void Take(GatheredResource one)
        {
            if (at == 0 || !ReferenceEquals(all[at - 1], one)) all[at++] = one;
        }
    }
}
