using System.Buffers;
using System.Runtime.CompilerServices;
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

    /// <summary>What is searched for a long run is looked at in stretches of so many bytes, each from its end: nearly always the first look meets something that no run goes on over.</summary>
    private const int Stretch = 4 * 1024;

    private static readonly SearchValues<byte> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="u8);
    private static readonly SearchValues<byte> MayBeOfRun = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\\"u8);
    private static readonly SearchValues<byte> OfNumbers = SearchValues.Create("0123456789Ee+"u8);

    private readonly byte[] _escape = new byte[6];
    private byte[]? _spare, _run;
    private List<KeptRun>? _kept;
    private int _spareFrom, _spareTo, _runLength, _escapeLength;
    private long _position;

    /// <summary>Bytes of the run stood in, if it were one; negative while there is none.</summary>
    private long _inRun = -1;

    /// <summary>The run is a string's and no number that goes on and on.</summary>
    private bool _isText;

    private byte _last;

    /// <summary>Bytes taken out and not yet claimed by a resource.</summary>
    private readonly record struct KeptRun(long At, long Kept, int Length);

    /// <summary>Fills <paramref name="target"/> with what stays; 0 at the end.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        const int little = 64;
        if (_spareFrom == _spareTo && target.Length >= little) return await FillAsync(target, cancellationToken);
        if (_spareFrom == _spareTo) (_spareFrom, _spareTo) = (0, await FillAsync(_spare ??= new byte[little], cancellationToken));
        int count = Math.Min(_spareTo - _spareFrom, target.Length);
        _spare.AsSpan(_spareFrom, count).CopyTo(target.Span);
        _spareFrom += count;
        return count;
    }

    /// <summary>What comes is read to where it is wanted, and what goes is taken out from there.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> FillAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        while (true)
        {
            // An escape that has only begun may have to stand before what comes.
            int from = _escapeLength > 0 ? _escape.Length : 0;
            int read = await body.ReadAsync(target[from..], cancellationToken);
            if (read == 0) return AtEnd(target.Span);
            int written = Sort(target.Span, from, from + read);
            if (written > 0) return written;
        }
    }

    /// <summary>The cuts within a stretch of what was left, for the resource that stands there; what lies before it is nobody's.</summary>
    public IReadOnlyList<BodyCut> Take(long from, long to)
    {
        if (_kept is not { Count: > 0 }) return [];
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
        if (_run is not null) ArrayPool<byte>.Shared.Return(_run, clearArray: true);
        _run = null;
    }

    /// <summary>Decides on the bytes read: they stay, moved up to the others that do, or go away.</summary>
    private int Sort(Span<byte> bytes, int at, int end)
    {
        int written = 0;
        while (at < end)
        {
            if (_escapeLength > 0)
            {
                _escape[_escapeLength++] = bytes[at++];
                if (_escapeLength < (_escape[1] == (byte)'u' ? 6 : 2)) continue;
                SortEscape(bytes, ref written);
                _escapeLength = 0;
            }
            else if (_inRun < 0)
            {
                int plain = BeforeRun(bytes[at..end]);
                if (plain > 0) Pass(bytes, at, plain, ref written);
                at += plain;
                if (at == end) break;
                (_inRun, _isText) = (0, _last == (byte)'"');
            }
            else
            {
                at += SortText(bytes, at, end, ref written);
            }
        }

        return written;
    }

    /// <summary>How much stands before what may be the beginning of a long run: one that goes over a whole stretch, or up to the end of the bytes.</summary>
    private static int BeforeRun(ReadOnlySpan<byte> bytes)
    {
        int begin = 0;
        for (int at = 0; at < bytes.Length; at += Stretch)
        {
            int last = bytes.Slice(at, Math.Min(Stretch, bytes.Length - at)).LastIndexOfAnyExcept(MayBeOfRun);
            if (last < 0) break;
            begin = at + last + 1;
        }

        return begin;
    }

    private void SortEscape(Span<byte> bytes, ref int written)
    {
        var escape = _escape.AsSpan(0, _escapeLength);
        bool harmless = IsHarmless(escape);
        _isText = true;
        if (harmless && _inRun >= Keep) PutAway(escape);
        else Pass(escape, bytes, ref written);
        // Else two that are harmful apart could come to stand side by side as if they were whole (halves of a surrogate pair), and cuts could be as many as bytes.
        _inRun = harmless ? _inRun + escape.Length : 0;
    }

    /// <summary>Goes on in what may be a long run; returns how many bytes are decided on.</summary>
    private int SortText(Span<byte> bytes, int at, int end, ref int written)
    {
        var input = bytes[at..end];
        int plain = input.IndexOfAnyExcept(Base64);
        if (plain < 0) plain = input.Length;
        if (plain > 0) return SortPlain(bytes, at, plain, ref written);
        if (input[0] == (byte)'\\')
        {
            _escape[0] = input[0];
            _escapeLength = 1;
        }
        else
        {
            // No base64: the run is over. A narrative is never cut.
            Pass(bytes, at, 1, ref written);
            _inRun = -1;
        }

        return 1;
    }

    private int SortPlain(Span<byte> bytes, int at, int plain, ref int written)
    {
        if (_inRun >= Keep && !_isText)
        {
            // Digits for ever so long: they stay, up to what no number has.
            int digits = bytes.Slice(at, plain).IndexOfAnyExcept(OfNumbers);
            _isText = digits >= 0;
            if (digits > 0) plain = digits;
            else if (digits == 0) return 0;
            Pass(bytes, at, plain, ref written);
        }
        else if (_inRun >= Keep)
        {
            PutAway(bytes.Slice(at, plain));
        }
        else
        {
            plain = (int)Math.Min(plain, Keep - _inRun);
            _isText = _isText || bytes.Slice(at, plain).ContainsAnyExcept(OfNumbers);
            Pass(bytes, at, plain, ref written);
        }

        _inRun += plain;
        return plain;
    }

    private void Pass(ReadOnlySpan<byte> escape, Span<byte> bytes, ref int written)
    {
        FlushRun();
        escape.CopyTo(bytes[written..]);
        Passed(escape[^1], escape.Length, ref written);
    }

    private void Pass(Span<byte> bytes, int at, int count, ref int written)
    {
        FlushRun();
        if (at != written) bytes.Slice(at, count).CopyTo(bytes[written..]);
        Passed(bytes[written + count - 1], count, ref written);
    }

    private void Passed(byte last, int count, ref int written)
    {
        _last = last;
        written += count;
        _position += count;
    }

    private void PutAway(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            _run ??= ArrayPool<byte>.Shared.Rent(Block);
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
        (_kept ??= []).Add(new KeptRun(_position, keep(_run.AsSpan(0, _runLength)), _runLength));
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
