using System.Text.Unicode;

namespace ReferralService.Fhir.Bundles;

/// <summary>Whether a stream that is looked at in pieces is UTF-8, each byte looked at once however often it is shown.</summary>
internal struct Utf8Watch()
{
    private long _seenTo;
    private bool _holds = true;

    /// <summary>Looks at what has come since the last time, up to what may still be the first bytes of a letter.</summary>
    /// <param name="bytes">Those seen before need not be among them.</param>
    /// <param name="position">Where in the stream they begin.</param>
    /// <returns>Whether all has been UTF-8 so far.</returns>
    public bool See(ReadOnlySpan<byte> bytes, long position)
    {
        if (!_holds) return false;
        var more = bytes[(int)Math.Max(0, _seenTo - position)..];
        int begun = 0;
        while (begun < Math.Min(3, more.Length) && (more[^(begun + 1)] & 0xC0) == 0x80) begun++;
        // The first byte of a letter of several goes with the rest of them.
        if (begun < more.Length && more[^(begun + 1)] >= 0xC0) begun++;
        else begun = 0;
        _seenTo = position + bytes.Length - begun;
        return _holds = Utf8.IsValid(more[..^begun]);
    }
}
