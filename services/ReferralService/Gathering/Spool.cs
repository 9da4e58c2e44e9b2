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
    private long _length;
    private long _live;
    private SpoolFile? _file;
    private bool _disposed;

    /// <param name="folder">Where the file goes if one is needed; null: the system's temporary folder.</param>
    public Spool(string? folder = null, int memoryLimit = DefaultMemoryLimit) => (_folder, _memoryLimit) = (folder ?? Path.GetTempPath(), memoryLimit);

    /// <summary>All bytes ever appended: where the next ones will stand.</summary>
    public long Length => Interlocked.Read(ref _length);

    /// <summary>Bytes appended and not released.</summary>
    public long Live => Interlocked.Read(ref _live);

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
            if (_file is null && offset + bytes.Length <= _memoryLimit) CopyToChunks(bytes, offset);
            else (_file ??= MovedToFile()).Append(bytes);
            _length += bytes.Length;
            _live += bytes.Length;
            return offset;
        }
    }

    /// <summary>Gives up bytes that nobody will read again, each once: what was begun and broke off, or has been replaced. A file uses their room anew.</summary>
    public void Release(long offset, int length)
    {
        lock (_lock)
        {
            if (_disposed) return;
            _live -= length;
            _file?.Release(offset, length);
        }
    }

    /// <summary>Reads bytes back into <paramref name="buffer"/>, which is grown when too small (or straight from memory). Others may append meanwhile.</summary>
    public ReadOnlyMemory<byte> Read(long offset, int length, ref byte[] buffer)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length, nameof(length));
        if ((int)(offset % ChunkSize) + length <= ChunkSize)
        {
            lock (_lock)
            {
                if (length == 0) return default;
                if (_file is null && _chunks.Count > 0) return _chunks[(int)(offset / ChunkSize)].AsMemory((int)(offset % ChunkSize), length);
            }
        }

        if (buffer.Length < length) buffer = new byte[Math.Max(length, Math.Min(buffer.Length * 2, Array.MaxLength))];
        var target = buffer.AsSpan(0, length);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_file is null) CopyFromChunks(target, offset);
            else _file.Read(target, offset);
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

    /// <summary>A record too large for memory leaves none of itself there.</summary>
    private SpoolFile MovedToFile()
    {
        var file = new SpoolFile(SpoolFolder.NewFile(_folder));
        try
        {
            for (int i = 0; i < _chunks.Count; i++) file.Append(_chunks[i].AsSpan(0, (int)Math.Min(ChunkSize, _length - ((long)i * ChunkSize))));
        }
        catch
        {
            file.Dispose();
            throw;
        }

        // Not given back to the pool: somebody may just be reading what stands in them.
        _chunks.Clear();
        return file;
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
