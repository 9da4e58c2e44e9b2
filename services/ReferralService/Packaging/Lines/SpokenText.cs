using System.Buffers;
using System.Text;

namespace ReferralService.Packaging.Lines;

/// <summary>Where the words of lines are put together, as UTF-8 in one rented array: a record has some thousands of them, and each is read once.</summary>
internal sealed class SpokenText : IDisposable
{
    private readonly PooledBytes _bytes = new();

    /// <summary>Words said after this can be taken back by <see cref="CutTo"/>.</summary>
    public int Length => _bytes.Length;

    /// <summary>Good until something more is said.</summary>
    public ReadOnlySpan<byte> this[Said said] => _bytes.Span.Slice(said.At, said.Length);

    public string? ToText(Said said) => said.IsNothing ? null : Encoding.UTF8.GetString(this[said]);

    public bool AreSame(Said one, Said other) => this[one].SequenceEqual(this[other]);

    public void CutTo(int length) => _bytes.CutTo(length);

    public Said Add(ReadOnlySpan<byte> utf8)
    {
        int at = _bytes.Length;
        _bytes.Write(utf8);
        return new Said(at, utf8.Length);
    }

    public Said Add(ReadOnlySpan<char> text)
    {
        int at = _bytes.Length, written = Encoding.UTF8.GetBytes(text, _bytes.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length)));
        _bytes.Advance(written);
        return new Said(at, written);
    }

    /// <summary>Says it once more, behind everything else.</summary>
    public Said Add(Said said)
    {
        var room = _bytes.GetSpan(said.Length);
        this[said].CopyTo(room);
        int at = _bytes.Length;
        _bytes.Advance(said.Length);
        return new Said(at, said.Length);
    }

    /// <summary>All that was said since <paramref name="at"/>.</summary>
    public Said Since(int at) => new(at, _bytes.Length - at);

    public void Dispose() => _bytes.Dispose();
}
