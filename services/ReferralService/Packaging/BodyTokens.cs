using ReferralService.Fhir.Json;
using ReferralService.Gathering;

namespace ReferralService.Packaging;

/// <summary>Bodies to be understood, one at a time: whoever asks for the same one again gets the tokens that were found before.</summary>
internal sealed class BodyTokens(CarriedBodies bodies) : IDisposable
{
    private readonly JsonTokens _tokens = new();
    private GatheredResource? _read;
    private ReadOnlyMemory<byte> _body;

    /// <summary>A reader before the first token, good until another body is asked for, here or of the same <see cref="CarriedBodies"/>.</summary>
    /// <exception cref="InvalidDataException">The spool was damaged since the record was gathered.</exception>
    public TokenReader Read(GatheredResource resource)
    {
        if (!ReferenceEquals(_read, resource))
        {
            _read = null;
            _body = bodies.ReadThin(resource);
            _tokens.Fill(_body.Span);
            _read = resource;
        }

        return _tokens.Over(_body.Span);
    }

    /// <summary>Of the body that was read last.</summary>
    public JsonTokens Tokens => _tokens;

    /// <summary>The body's bytes, as <see cref="Read"/> takes them.</summary>
    public ReadOnlySpan<byte> Bytes(GatheredResource resource)
    {
        Read(resource);
        return _body.Span;
    }

    public void Dispose() => _tokens.Dispose();
}
