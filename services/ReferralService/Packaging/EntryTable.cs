using System.Buffers;

namespace ReferralService.Packaging;

/// <summary>Which entry a key leads to: open addressing in rented arrays, since a package looks up some thousands of keys and forgets them.</summary>
/// <param name="room">How many keys are expected; it grows beyond.</param>
internal sealed class EntryTable<TKey>(int room) : IDisposable
    where TKey : IEquatable<TKey>
{
    private Slot[] _slots = Rent(room);
    private int _mask = Slots(room) - 1;
    private int _count;

    private struct Slot
    {
        public TKey Key;
        public int Hash;

        /// <summary>The entry's position and two; 1: the key leads nowhere; 0: an empty slot.</summary>
        public int Entry;
    }

    /// <returns>False: the key was never added.</returns>
    /// <param name="entry">-1: it leads nowhere.</param>
    public bool TryGet(TKey key, out int entry)
    {
        ref var slot = ref Find(key, key.GetHashCode());
        entry = slot.Entry - 2;
        return slot.Entry != 0;
    }

    /// <param name="entry">-1: it leads nowhere.</param>
    /// <returns>False: the key is there already, and stays as it is.</returns>
    public bool TryAdd(TKey key, int entry)
    {
        int hash = key.GetHashCode();
        if (Find(key, hash).Entry != 0) return false;
        if (++_count * 2 > _mask) Grow();
        Find(key, hash) = new Slot { Key = key, Hash = hash, Entry = entry + 2 };
        return true;
    }

    public void Dispose()
    {
        if (_slots.Length > 0) ArrayPool<Slot>.Shared.Return(_slots, clearArray: true);
        _slots = [];
    }

    private ref Slot Find(TKey key, int hash)
    {
        for (int at = hash & _mask; ; at = (at + 1) & _mask)
        {
            ref var slot = ref _slots[at];
            if (slot.Entry == 0 || (slot.Hash == hash && slot.Key.Equals(key))) return ref slot;
        }
    }

    private void Grow()
    {
        var (old, count) = (_slots, _mask + 1);
        _slots = Rent(count);
        _mask = Slots(count) - 1;
        for (int i = 0; i < count; i++)
        {
            if (old[i].Entry != 0) Find(old[i].Key, old[i].Hash) = old[i];
        }

        ArrayPool<Slot>.Shared.Return(old, clearArray: true);
    }

    private static int Slots(int room) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, room * 2 + 2));

    private static Slot[] Rent(int room)
    {
        var slots = ArrayPool<Slot>.Shared.Rent(Slots(room));
        Array.Clear(slots);
        return slots;
    }
}
