using System.Buffers;
using ReferralService.Fhir.Resources;

namespace ReferralService.Fhir.Client;

/// <summary>Puts bytes away and says where they went.</summary>
public delegate long KeepBytes(ReadOnlySpan<byte> bytes);

/// <summary>
/// Takes the long runs of base64 out of JSON as it streams by: a file inside a resource goes straight to where it is kept, and what is left to be read,
/// checked and held in memory is small. What is left is JSON exactly when the whole was: only letters, digits, <c>+ / =</c> and harmless escapes inside
/// a string are taken, and of each run of them the first <see cref="Keep"/> bytes stay.
/// </summary>
internal sealed class LongRuns(Stream body, KeepBytes keep) : IDisposable
{
    /// <summary>A run's bytes up to here stay where they are.</summary>
    public const int Keep = 64 * 1024;

    private const int Block = 64 * 1024;

    private static readonly SearchValues<byte> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="u8);

    private readonly byte[] _read = ArrayPool<byte>.Shared.Rent(Block);
    private readonly byte[] _run = ArrayPool<byte>.Shared.Rent(Block);
    private readonly byte[] _escape = new byte[6];
    private readonly byte[] _spare = new byte[64];
    private readonly List<KeptRun> _kept = [];
    private int _spareFrom, _spareTo;
    private int _readFrom, _readTo, _runLength, _escapeLength;
    private long _position;
    private long _inString = -1;

    /// <summary>Bytes taken out and not yet claimed by a resource.</summary>
    private readonly record struct KeptRun(long At, long Kept, int Length);

    /// <summary>Fills <paramref name="target"/> with what stays; 0 at the end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        if (_spareFrom == _spareTo && target.Length >= _spare.Length) return await FillAsync(target, cancellationToken);
        if (_spareFrom == _spareTo) (_spareFrom, _spareTo) = (0, await FillAsync(_spare, cancellationToken));
        int count = Math.Min(_spareTo - _spareFrom, target.Length);
        _spare.AsSpan(_spareFrom, count).CopyTo(target.Span);
        _spareFrom += count;
        return count;
    }

    private async ValueTask<int> FillAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_readFrom == _readTo)
            {
                (_readFrom, _readTo) = (0, await body.ReadAsync(_read.AsMemory(0, Block), cancellationToken));
                if (_readTo == 0) return AtEnd(target.Span);
            }

            int written = Sort(target.Span);
            if (written > 0) return written;
        }
    }

    /// <summary>The cuts within a stretch of what was left, for the resource that stands there; what lies before it is nobody's.</summary>
    public IReadOnlyList<BodyCut> Take(long from, long to)
    {
        List<BodyCut>? cuts = null;
        int taken = 0;
        for (; taken < _kept.Count && _kept[taken].At < to; taken++)
        {
            if (_kept[taken].At > from) (cuts ??= []).Add(new BodyCut((int)(_kept[taken].At - from), _kept[taken].Kept, _kept[taken].Length));
        }

        _kept.RemoveRange(0, taken);
        return cuts ?? (IReadOnlyList<BodyCut>)[];
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_read, clearArray: true);
        ArrayPool<byte>.Shared.Return(_run, clearArray: true);
    }

    /// <summary>Decides on the bytes read: into the target, or away.</summary>
    private int Sort(Span<byte> target)
    {
        int written = 0;
        // Always room for an escape that turns out to stay.
        while (_readFrom < _readTo && target.Length - written >= _escape.Length)
        {
            var input = _read.AsSpan(_readFrom, _readTo - _readFrom);
            if (_escapeLength > 0)
            {
                _escape[_escapeLength++] = input[0];
                _readFrom++;
                if (_escapeLength < (_escape[1] == (byte)'u' ? 6 : 2)) continue;
                SortEscape(_escape.AsSpan(0, _escapeLength), target, ref written);
                _escapeLength = 0;
                continue;
            }

            if (_inString < 0)
            {
                int quote = input.IndexOf((byte)'"');
                int outside = quote < 0 ? input.Length : quote + 1;
                int fits = Math.Min(outside, target.Length - written);
                Pass(input[..fits], target, ref written);
                _readFrom += fits;
                if (fits == outside && quote >= 0) _inString = 0;
                continue;
            }

            SortText(input, target, ref written);
        }

        return written;
    }

    private void SortEscape(ReadOnlySpan<byte> escape, Span<byte> target, ref int written)
    {
        bool harmless = IsHarmless(escape);
        if (harmless && _inString >= Keep) PutAway(escape);
        else Pass(escape, target, ref written);
        // Else two that are harmful apart could come to stand side by side as if they were whole (halves of a surrogate pair), and cuts could be as many as bytes.
        _inString = harmless ? _inString + escape.Length : 0;
    }

    private void SortText(ReadOnlySpan<byte> input, Span<byte> target, ref int written)
    {
        int plain = input.IndexOfAnyExcept(Base64);
        if (plain < 0) plain = input.Length;
        if (plain > 0)
        {
            bool away = _inString >= Keep;
            int count = away ? plain : (int)Math.Min(Math.Min(plain, Keep - _inString), target.Length - written);
            if (away) PutAway(input[..count]);
            else Pass(input[..count], target, ref written);
            _inString += count;
            _readFrom += count;
            return;
        }

        if (input[0] == (byte)'\\')
        {
            _escape[0] = input[0];
            _escapeLength = 1;
        }
        else
        {
            // Text that is no base64 begins the count anew: a narrative is never cut.
            Pass(input[..1], target, ref written);
            _inString = input[0] == (byte)'"' ? -1 : 0;
        }

        _readFrom++;
    }

    private void Pass(ReadOnlySpan<byte> bytes, Span<byte> target, ref int written)
    {
        FlushRun();
        bytes.CopyTo(target[written..]);
        written += bytes.Length;
        _position += bytes.Length;
    }

    private void PutAway(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(bytes.Length, Block - _runLength);
            bytes[..count].CopyTo(_run.AsSpan(_runLength));
            _runLength += count;
            bytes = bytes[count..];
            if (_runLength == Block) FlushRun();
        }
    }

    private void FlushRun()
    {
        if (_runLength == 0) return;
        _kept.Add(new KeptRun(_position, keep(_run.AsSpan(0, _runLength)), _runLength));
        _runLength = 0;
    }

    /// <summary>The stream ended, perhaps within an escape: whoever reads on sees that it did.</summary>
    private int AtEnd(Span<byte> target)
    {
        int written = 0;
        if (_escapeLength > 0) Pass(_escape.AsSpan(0, _escapeLength), target, ref written);
        _escapeLength = 0;
        FlushRun();
        return written;
    }

    /// <summary>Line breaks and escaped ASCII, as some writers put them into base64; never what a reader must look at (halves of surrogates, U+0000, no escape at all).</summary>
    private static bool IsHarmless(ReadOnlySpan<byte> escape) => escape.Length == 2
        ? escape[1] is (byte)'/' or (byte)'n' or (byte)'r'
        : escape.EndsWith("2B"u8) || escape.EndsWith("2b"u8) || escape.EndsWith("2F"u8) || escape.EndsWith("2f"u8) ? escape[2..4].SequenceEqual("00"u8) : false;
}
