using System.Buffers;
using System.Runtime.CompilerServices;
using ReferralService.Fhir.Errors;

namespace ReferralService.Fhir.Bundles;

/// <summary>A window on a stream: from the oldest byte still wanted to the newest read. Grows only when what is wanted does not fit.</summary>
internal sealed class PageBuffer(Stream stream, long maxBytes, long maxHeld) : IDisposable
{
    private const int FirstSize = 64 * 1024;

    /// <summary>A read into less room than this is put off for making some.</summary>
    private const int LittleRoom = 8 * 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstSize);

    /// <summary>Where in the stream the array's first byte stands.</summary>
    private long _origin;
    private int _length;

    /// <summary>Read from the stream so far.</summary>
    public long End => _origin + _length;

    /// <summary>Bytes by their positions in the stream.</summary>
    public ReadOnlyMemory<byte> Slice(long from, long to) => _bytes.AsMemory((int)(from - _origin), (int)(to - from));

    /// <summary>Reads until there are so many bytes more, or the stream ends.</summary>
    /// <param name="keepFrom">Position of the oldest byte still wanted.</param>
    /// <returns>False when the stream has ended.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync(long keepFrom, int more, CancellationToken cancellationToken)
    {
        for (long wanted = End + more; End < wanted;)
        {
            MakeRoom(keepFrom);
            // One byte past the bound is enough to know that it is passed.
            int free = _bytes.Length - _length;
            int room = maxBytes - End >= free ? free : (int)(maxBytes - End) + 1;
            int read = await stream.ReadAsync(_bytes.AsMemory(_length, room), cancellationToken);
            if (read == 0) return false;
            _length += read;
            if (End > maxBytes || (End - keepFrom > maxHeld && End - keepFrom > FirstSize))
                throw new FhirFormatException(FormatCode.JsonTooLarge, "too-long", null, "A search page, or one entry of it, is larger than may be read.");
        }

        return true;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void MakeRoom(long keepFrom)
    {
        if (_length < _bytes.Length - LittleRoom) return;
        int drop = (int)(keepFrom - _origin), kept = _length - drop;
        // Moving less than half of the array at a time keeps copying proportional to what is read.
        byte[] target = kept > _bytes.Length / 2 ? ArrayPool<byte>.Shared.Rent(checked(_bytes.Length * 2)) : _bytes;
        _bytes.AsSpan(drop, kept).CopyTo(target);
        if (target != _bytes) ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, _origin, _length) = (target, keepFrom, kept);
    }
}
