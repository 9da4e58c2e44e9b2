using System.Buffers;

namespace ReferralService.Gathering;

/// <summary>Where bodies wait between gathering and packaging: memory while small, an encrypted file of this process beyond that, gone on dispose.</summary>
internal sealed class Spool : IAsyncDisposable
{
    /// <summary>Bytes kept in memory before a file is begun.</summary>
    public const int DefaultMemoryLimit = 8 * 1024 * 1024;

    private const int ChunkSize = 128 * 1024;

    private readonly string _folder;
    private readonly int _memoryLimit;
    private readonly Lock _lock = new();
    private readonly List<byte[]> _chunks = [];
    private long _memoryLength;
    private long _length;
    private SpoolFile? _file;
    private bool _disposed;

    /// <param name="folder">Where the file goes if one is needed; null: the system's temporary folder.</param>
    public Spool(string? folder = null, int memoryLimit = DefaultMemoryLimit) => (_folder, _memoryLimit) = (folder ?? Path.GetTempPath(), memoryLimit);

    /// <summary>All bytes appended.</summary>
    public long Length => Interlocked.Read(ref _length);

    /// <summary>Whether a file was needed.</summary>
    public bool IsOnDisk => _file is not null;

    /// <summary>Appends bytes; returns their offset. Safe from several fetchers at once.</summary>
    public long Append(ReadOnlySpan<byte> bytes)
    {
        long offset;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            offset = _length;
            if (_file is null && offset + bytes.Length <= _memoryLimit)
            {
                CopyToChunks(bytes, offset);
                _memoryLength = _length += bytes.Length;
                return offset;
            }

            // From here on everything goes to the file, so one comparison tells where a body stands.
            _file ??= new SpoolFile(SpoolFolder.NewFile(_folder));
            _file.Append(bytes);
            _length += bytes.Length;
            return offset;
        }
    }

    /// <summary>Reads bytes back into <paramref name="buffer"/>, which is grown when too small (or straight from memory). Others may append meanwhile.</summary>
    public ReadOnlyMemory<byte> Read(long offset, int length, ref byte[] buffer)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length, nameof(length));
        if (offset + length <= _memoryLength && (int)(offset % ChunkSize) + length <= ChunkSize)
        {
            lock (_lock) return length == 0 ? default : _chunks[(int)(offset / ChunkSize)].AsMemory((int)(offset % ChunkSize), length);
        }

        if (buffer.Length < length) buffer = new byte[Math.Max(length, Math.Min(buffer.Length * 2, Array.MaxLength))];
        var target = buffer.AsSpan(0, length);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (offset + length <= _memoryLength) CopyFromChunks(target, offset);
            else _file!.Read(target, offset - _memoryLength);
        }

        return buffer.AsMemory(0, length);
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_disposed) return ValueTask.CompletedTask;
            _disposed = true;
            foreach (var chunk in _chunks) ArrayPool<byte>.Shared.Return(chunk, clearArray: true);
            _chunks.Clear();
            _file?.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private void CopyToChunks(ReadOnlySpan<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            var (chunk, at) = ((int)(offset / ChunkSize), (int)(offset % ChunkSize));
            if (chunk == _chunks.Count) _chunks.Add(ArrayPool<byte>.Shared.Rent(ChunkSize));
            int count = Math.Min(bytes.Length, ChunkSize - at);
            bytes[..count].CopyTo(_chunks[chunk].AsSpan(at));
            bytes = bytes[count..];
            offset += count;
        }
    }

    private void CopyFromChunks(Span<byte> target, long offset)
    {
        while (!target.IsEmpty)
        {
            var (chunk, at) = ((int)(offset / ChunkSize), (int)(offset % ChunkSize));
            int count = Math.Min(target.Length, ChunkSize - at);
            _chunks[chunk].AsSpan(at, count).CopyTo(target);
            target = target[count..];
            offset += count;
        }
    }
}
