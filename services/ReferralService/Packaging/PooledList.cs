using System.Buffers;

namespace ReferralService.Packaging;

/// <summary>A list in a rented array, for what is put together for each package and forgotten with it.</summary>
internal sealed class PooledList<T>(int first = 64) : IDisposable
{
    private T[] _items = ArrayPool<T>.Shared.Rent(first);

    public int Count { get; private set; }

    public ref T this[int index] => ref Span[index];

    /// <summary>Good until something is added.</summary>
    public Span<T> Span => _items.AsSpan(0, Count);

    public void Add(T item)
    {
        if (Count == _items.Length)
        {
            var larger = ArrayPool<T>.Shared.Rent(Count * 2);
            _items.CopyTo(larger, 0);
            ArrayPool<T>.Shared.Return(_items, clearArray: true);
            _items = larger;
        }

        _items[Count++] = item;
    }

    public void CutTo(int count) => Count = count;

    public void Dispose()
    {
        if (_items.Length > 0) ArrayPool<T>.Shared.Return(_items, clearArray: true);
        (_items, Count) = ([], 0);
    }
}
