using System.Buffers;
using ReferralService.Gathering;

namespace ReferralService.Packaging;

/// <summary>Which entry has a key, found by parts of a reference's text: open addressing in a rented array.</summary>
internal sealed class KeyTable : IDisposable
{
    private readonly GatheredResource[] _resources;
    private readonly int _mask;

    /// <summary>Positions and one; 0: an empty slot.</summary>
    private int[] _slots;

    /// <param name="resources">Those that may be added, by their places.</param>
    public KeyTable(GatheredResource[] resources)
    {
        int slots = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, resources.Length * 2));
        (_resources, _mask, _slots) = (resources, slots - 1, ArrayPool<int>.Shared.Rent(slots));
        Array.Clear(_slots);
    }

    /// <returns>False: there is one with its key.</returns>
    public bool TryAdd(int position)
    {
        var key = _resources[position].Key;
        ref int slot = ref SlotOf(key.Type, key.Id);
        if (slot != 0) return false;
        slot = position + 1;
        return true;
    }

    /// <summary>-1: none has it.</summary>
    public int Find(ReadOnlySpan<char> type, ReadOnlySpan<char> id) => SlotOf(type, id) - 1;

    public void Dispose()
    {
        if (_slots.Length > 0) ArrayPool<int>.Shared.Return(_slots);
        _slots = [];
    }

    private ref int SlotOf(ReadOnlySpan<char> type, ReadOnlySpan<char> id)
    {
        // Seeded by the process: a sender cannot aim ids at one slot.
        int hash = string.GetHashCode(id) + (type.Length * 31);
        for (int at = hash & _mask; ; at = (at + 1) & _mask)
        {
            ref int slot = ref _slots[at];
            if (slot == 0) return ref slot;
            var key = _resources[slot - 1].Key;
            if (id.SequenceEqual(key.Id) && type.SequenceEqual(key.Type)) return ref slot;
        }
    }
}
