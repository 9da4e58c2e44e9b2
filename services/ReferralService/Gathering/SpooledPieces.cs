namespace ReferralService.Gathering;

/// <summary>Gives a body from its first byte to its last in pieces, wherever in the spool they stand.</summary>
internal struct SpooledPieces(Spool spool, GatheredResource resource)
{
    /// <summary>Longest piece.</summary>
    public const int Most = 64 * 1024;

    private readonly int _thinLength = SpooledBody.ThinLength(resource);

    /// <summary>How far the bytes that stand together were given, how far the cuts, and how far the first of those left.</summary>
    private int _thin, _cut, _ofCut;

    /// <summary>The next piece, good until the next call with the same buffer; empty at the end.</summary>
    public ReadOnlyMemory<byte> Next(ref byte[] buffer)
    {
        var cuts = resource.Cuts;
        if (_cut < cuts.Count && _ofCut == cuts[_cut].Length) (_cut, _ofCut) = (_cut + 1, 0);
        int until = _cut < cuts.Count ? cuts[_cut].At : _thinLength;
        if (_thin < until || _cut == cuts.Count)
        {
            int count = Math.Min(Most, until - _thin);
            var piece = count <= 0 ? default : spool.Read(resource.SpoolOffset + _thin, count, ref buffer);
            _thin += piece.Length;
            return piece;
        }

        var run = spool.Read(cuts[_cut].Kept + _ofCut, Math.Min(Most, cuts[_cut].Length - _ofCut), ref buffer);
        _ofCut += run.Length;
        return run;
    }
}
