namespace ReferralService.Gathering;

/// <summary>Where bodies wait between gathering and packaging: memory while small, a file of this process beyond that, gone on dispose.</summary>
internal sealed class Spool : IAsyncDisposable
{
    public long Length => throw new NotImplementedException();

    /// <summary>Appends bytes; returns their offset. Safe from several fetchers at once.</summary>
    public long Append(ReadOnlySpan<byte> bytes) => throw new NotImplementedException();

    /// <summary>Reads bytes back into <paramref name="buffer"/>, which is grown when too small (or straight from memory).</summary>
    public ReadOnlyMemory<byte> Read(long offset, int length, ref byte[] buffer) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
