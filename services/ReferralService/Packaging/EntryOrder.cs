using System.Buffers;
using ReferralService.Gathering;

namespace ReferralService.Packaging;

/// <summary>The order of entries: the order itself, its Patient, then by what is read first, by type and by id.</summary>
internal static class EntryOrder
{
    public static GatheredResource[] Of(IReadOnlyList<GatheredResource> resources, GatheredResource order, GatheredResource patient)
    {
        var inOrder = new GatheredResource[resources.Count];
        int[] ranks = ArrayPool<int>.Shared.Rent(inOrder.Length);
        bool sorted = Rank(resources, order, patient, ranks, out int highest);
        if (sorted) Distribute(resources, ranks, highest, inOrder);
        else Sort(resources, ranks, inOrder);
        ArrayPool<int>.Shared.Return(ranks);
        return inOrder;
    }

    /// <summary>Gathering hands resources over by type and id: then ranks are asked for once a type, and nothing is compared any more.</summary>
    private static bool Rank(IReadOnlyList<GatheredResource> resources, GatheredResource order, GatheredResource patient, int[] ranks, out int highest)
    {
        bool sorted = true;
        string? type = null;
        int rank = 0;
        highest = 0;
        for (int i = 0; i < resources.Count; i++)
        {
            var resource = resources[i];
            if (resource.Key.Type != type) (type, rank) = (resource.Key.Type, TypeRank.Of(resource.Key.Type) + 2);
            ranks[i] = ReferenceEquals(resource, order) ? 0 : ReferenceEquals(resource, patient) ? 1 : rank;
            highest = Math.Max(highest, ranks[i]);
            if (i > 0 && sorted && RecordIndex.ByTypeAndId(resources[i - 1].Key, resource.Key) > 0) sorted = false;
        }

        return sorted;
    }

    /// <summary>Stable: what has one rank stays as it stood.</summary>
    private static void Distribute(IReadOnlyList<GatheredResource> resources, int[] ranks, int highest, GatheredResource[] inOrder)
    {
        Span<int> next = stackalloc int[highest + 2];
        next.Clear();
        for (int i = 0; i < inOrder.Length; i++) next[ranks[i] + 1]++;
        for (int rank = 1; rank < next.Length; rank++) next[rank] += next[rank - 1];
        for (int i = 0; i < inOrder.Length; i++) inOrder[next[ranks[i]]++] = resources[i];
    }

    private static void Sort(IReadOnlyList<GatheredResource> resources, int[] ranks, GatheredResource[] inOrder)
    {
        var ranked = new (int Rank, GatheredResource Resource)[inOrder.Length];
        for (int i = 0; i < ranked.Length; i++) ranked[i] = (ranks[i], resources[i]);
        Array.Sort(ranked, static (a, b) => a.Rank != b.Rank ? a.Rank.CompareTo(b.Rank) : RecordIndex.ByTypeAndId(a.Resource.Key, b.Resource.Key));
        for (int i = 0; i < ranked.Length; i++) inOrder[i] = ranked[i].Resource;
    }
}
