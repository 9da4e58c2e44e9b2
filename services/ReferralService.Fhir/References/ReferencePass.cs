using System.Text;
using System.Text.Json;
using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.References;

/// <summary>The forward pass of <see cref="ReferenceScanner"/>: which strings of a resource are references follows from where they stand and what stands beside them.</summary>
/// <param name="frames">Room for <see cref="Frames"/> of them.</param>
/// <param name="texts">Makes the strings; null: each is made anew.</param>
internal ref struct ReferencePass(ReadOnlySpan<byte> resource, ReadOnlySpan<JsonToken> tokens, Span<ReferencePass.Frame> frames, List<FoundReference> found, SharedTexts? texts)
{
    /// <summary>As deep as <see cref="JsonTokens"/> go.</summary>
    public const int Frames = 194;

    private const int LongestPath = 512;

    private readonly ReadOnlySpan<byte> _resource = resource;
    private readonly ReadOnlySpan<JsonToken> _tokens = tokens;
    private readonly Span<Frame> _frames = frames;

    [Flags]
    internal enum Traits : byte
    {
        None = 0,

        /// <summary>Has <c>resourceType</c>: a resource, so neither Reference nor Attachment.</summary>
        Resource = 1,

        /// <summary>Has <c>language</c> or <c>expression</c> as text: an Expression, whose <c>reference</c> is a plain uri, unless <c>url</c> makes it an Attachment.</summary>
        Expression = 2,

        /// <summary>Has <c>contentType</c>, as of R4's datatypes with a <c>url</c> only Attachment has.</summary>
        ContentType = 4,
    }

    /// <summary>An object or array now open. Each of its members is the place of a token; none is the first.</summary>
    internal struct Frame
    {
        public int Name;
        public int Reference;
        public int Url;
        public Traits Traits;
        public bool IsArray;
    }

    public BodySigns Signs { get; private set; }

    public void Run()
    {
        for (int i = 0; i < _tokens.Length; i++)
        {
            ref readonly var token = ref _tokens[i];
            switch (token.Kind)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    _frames[token.Depth + 1] = new Frame { IsArray = token.Kind == JsonTokenType.StartArray };
                    break;
                case JsonTokenType.PropertyName:
                    ref var frame = ref _frames[token.Depth];
                    frame.Name = i;
                    if (_tokens[i + 1].Kind == JsonTokenType.String) TakeText(ref frame, ++i, token.Depth);
                    else if (IsData(in token)) Signs |= BodySigns.Data;
                    break;
                case JsonTokenType.EndObject:
                    Decide(token.Depth + 1);
                    break;
            }
        }
    }

    private readonly bool IsData(ref readonly JsonToken name) => (name.Extent == 4 || name.IsEscaped) && Plain(in name).SequenceEqual("data"u8);

    /// <param name="at">The string; its name stands before it.</param>
    private void TakeText(ref Frame frame, int at, int depth)
    {
        ref readonly var token = ref _tokens[frame.Name];
        // No other length is one of these names', and most names are of another.
        if (token.Extent is not (3 or 4 or 8 or 9 or 10 or 11 or 12) && !token.IsEscaped) return;
        var name = Plain(in token);
        switch (name.Length)
        {
            case 3 when name.SequenceEqual("url"u8):
                frame.Url = at;
                break;
            case 3 when name.SequenceEqual("div"u8) && ElementName(depth).SequenceEqual("text"u8):
                NarrativeLinks.Find(Raw(in _tokens[at]), _tokens[at].Start + 1, PathTo(depth), found);
                break;
            case 4 when name.SequenceEqual("data"u8):
                Signs |= BodySigns.Data;
                break;
            case 8 when name.SequenceEqual("language"u8):
            case 10 when name.SequenceEqual("expression"u8):
                frame.Traits |= Traits.Expression;
                break;
            case 9 when name.SequenceEqual("reference"u8):
                frame.Reference = at;
                break;
            case 11 when name.SequenceEqual("contentType"u8):
                frame.Traits |= Traits.ContentType;
                break;
            case 12 when name.SequenceEqual("resourceType"u8):
                frame.Traits |= Traits.Resource;
                if (Plain(in _tokens[at]).SequenceEqual("Endpoint"u8)) Signs |= BodySigns.Endpoint;
                break;
        }
    }

    /// <summary>At an object's end: whether it was a Reference or an Attachment.</summary>
    private void Decide(int depth)
    {
        ref readonly var frame = ref _frames[depth];
        if (depth == 1 || (frame.Traits & Traits.Resource) != 0) return;
        if (frame.Reference > 0 && (frame.Traits & Traits.Expression) == 0) Add(frame.Reference, ReferenceSite.Reference, depth);
        if (frame.Url > 0 && IsAttachment(ElementName(depth), frame.Traits)) Add(frame.Url, ReferenceSite.AttachmentUrl, depth);
    }

    private readonly void Add(int at, ReferenceSite site, int depth)
    {
        ref readonly var text = ref _tokens[at];
        found.Add(new FoundReference(text.Start + 1, text.Extent, site, Made(Plain(in text)), PathTo(depth)));
    }

    private readonly string Made(ReadOnlySpan<byte> utf8) => texts is null ? Encoding.UTF8.GetString(utf8) : texts.Of(utf8);

    /// <summary>An Extension too has a <c>url</c>, and never is an attachment whatever stands beside it.</summary>
    private static bool IsAttachment(ReadOnlySpan<byte> element, Traits traits)
        => !element.SequenceEqual("extension"u8) && !element.SequenceEqual("modifierExtension"u8)
            && ((traits & Traits.ContentType) != 0 || AttachmentElements.Contains(element));

    /// <summary>The name of the element that the container at this depth is, or is an item of.</summary>
    private readonly ReadOnlySpan<byte> ElementName(int depth)
    {
        int owner = depth - 1;
        while (owner > 0 && _frames[owner].IsArray) owner--;
        return owner > 0 ? Plain(in _tokens[_frames[owner].Name]) : default;
    }

    private readonly ReadOnlySpan<byte> Raw(ref readonly JsonToken text) => _resource.Slice(text.Start + 1, text.Extent);

    /// <summary>The text with its escapes undone; R4 allows them in an element's name too.</summary>
    private readonly ReadOnlySpan<byte> Plain(ref readonly JsonToken token)
    {
        var raw = Raw(in token);
        if (!token.IsEscaped) return raw;
        byte[] text = new byte[raw.Length];
        return text.AsSpan(0, JsonStrings.Unescape(raw, text));
    }

    private readonly string PathTo(int depth)
    {
        Span<byte> path = stackalloc byte[LongestPath];
        int length = 0;
        for (int owner = 1; owner < depth; owner++)
        {
            if (!_frames[owner].IsArray && !ElementPath.TryAppend(path, ref length, Plain(in _tokens[_frames[owner].Name]))) return LongPathTo(depth);
        }

        return Made(path[..length]);
    }

    private readonly string LongPathTo(int depth)
    {
        var path = new StringBuilder();
        for (int owner = 1; owner < depth; owner++)
            if (!_frames[owner].IsArray) ElementPath.Append(path, Plain(in _tokens[_frames[owner].Name]));
        return path.ToString();
    }
}
