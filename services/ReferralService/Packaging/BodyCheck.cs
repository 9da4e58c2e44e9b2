using ReferralService.Fhir.References;
using ReferralService.Gathering;

namespace ReferralService.Packaging;

/// <summary>Looks, as a body passes, whether it is the one that was gathered: its length, its braces, and each reference between two quotes after the one before it.</summary>
internal struct BodyCheck(GatheredResource resource)
{
    private readonly IReadOnlyList<FoundReference> _references = resource.References;
    private int _seen;
    private int _next;
    private int _end;
    private bool _atItsEnd;
    private byte _last;

    /// <param name="piece">What follows the pieces seen before; not empty.</param>
    /// <exception cref="InvalidDataException">It is another.</exception>
    public void See(ReadOnlySpan<byte> piece)
    {
        if (_seen == 0 && piece[0] != (byte)'{') throw Broken();
        for (; _next < _references.Count; _atItsEnd = !_atItsEnd)
        {
            var (offset, length, site, _, _) = _references[_next];
            if (offset <= _end || length < 0) throw Broken();
            int quote = (_atItsEnd ? offset + length : offset - 1) - _seen;
            if (quote >= piece.Length) break;
            if (quote < 0 || (site != ReferenceSite.Narrative && piece[quote] != (byte)'"')) throw Broken();
            if (!_atItsEnd) continue;
            _end = offset + length;
            _next++;
        }

        _seen += piece.Length;
        _last = piece[^1];
    }

    /// <exception cref="InvalidDataException">Something of it is missing.</exception>
    public readonly void Finish()
    {
        if (_seen != resource.Length || _seen < 2 || _last != (byte)'}' || _next < _references.Count) throw Broken();
    }

    public static InvalidDataException Broken() => new("The spool no longer holds the bytes that were gathered.");
}
