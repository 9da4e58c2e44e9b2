using System.Text;
using System.Text.Json;
using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.References;

/// <summary>The forward pass of <see cref="ReferenceScanner"/>: which strings of a resource are references follows from where they stand and what stands beside them.</summary>
/// <param name="frames">Room for <see cref="Frames"/> of them.</param>
internal ref struct ReferencePass(ReadOnlySpan<byte> resource, Span<ReferencePass.Frame> frames, List<FoundReference> found)
{
    public const int Frames = 81;

    private readonly ReadOnlySpan<byte> _resource = resource;
    private readonly Span<Frame> _frames = frames;
    private Utf8JsonReader _reader = new(resource, JsonGuard.ReaderOptions);

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

    /// <summary>An object or array now open.</summary>
    internal struct Frame
    {
        public Text Name;
        public Text Reference;
        public Text Url;
        public Traits Traits;
        public bool IsArray;
    }

    /// <summary>The inside of a string, as it stands in the resource. No string begins at 0.</summary>
    internal readonly record struct Text(int Start, int Length);

    public void Run()
    {
        while (_reader.Read())
        {
            int depth = _reader.CurrentDepth;
            switch (_reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    _frames[depth + 1] = new Frame { IsArray = _reader.TokenType == JsonTokenType.StartArray };
                    break;
                case JsonTokenType.PropertyName:
                    _frames[depth].Name = Here();
                    break;
                case JsonTokenType.String when depth > 0 && !_frames[depth].IsArray:
                    TakeText(ref _frames[depth], depth);
                    break;
                case JsonTokenType.EndObject:
                    Decide(depth + 1);
                    break;
            }
        }
    }

    private void TakeText(ref Frame frame, int depth)
    {
        var name = Plain(frame.Name);
        if (name.SequenceEqual("reference"u8)) frame.Reference = Here();
        else if (name.SequenceEqual("url"u8)) frame.Url = Here();
        else if (name.SequenceEqual("contentType"u8)) frame.Traits |= Traits.ContentType;
        else if (name.SequenceEqual("resourceType"u8)) frame.Traits |= Traits.Resource;
        else if (name.SequenceEqual("language"u8) || name.SequenceEqual("expression"u8)) frame.Traits |= Traits.Expression;
        else if (name.SequenceEqual("div"u8) && ElementName(depth).SequenceEqual("text"u8))
            NarrativeLinks.Find(_reader.ValueSpan, (int)_reader.TokenStartIndex + 1, PathTo(depth), found);
    }

    private readonly Text Here() => new((int)_reader.TokenStartIndex + 1, _reader.ValueSpan.Length);

    /// <summary>At an object's end: whether it was a Reference or an Attachment.</summary>
    private void Decide(int depth)
    {
        ref readonly var frame = ref _frames[depth];
        if (depth == 1 || (frame.Traits & Traits.Resource) != 0) return;
        if (frame.Reference.Start > 0 && (frame.Traits & Traits.Expression) == 0) Add(frame.Reference, ReferenceSite.Reference, depth);
        if (frame.Url.Start > 0 && IsAttachment(ElementName(depth), frame.Traits)) Add(frame.Url, ReferenceSite.AttachmentUrl, depth);
    }

    private readonly void Add(Text text, ReferenceSite site, int depth)
        => found.Add(new FoundReference(text.Start, text.Length, site, Encoding.UTF8.GetString(Plain(text)), PathTo(depth)));

    /// <summary>An Extension too has a <c>url</c>, and never is an attachment whatever stands beside it.</summary>
    private static bool IsAttachment(ReadOnlySpan<byte> element, Traits traits)
        => !element.SequenceEqual("extension"u8) && !element.SequenceEqual("modifierExtension"u8)
            && ((traits & Traits.ContentType) != 0 || AttachmentElements.Contains(element));

    /// <summary>The name of the element that the container at this depth is, or is an item of.</summary>
    private readonly ReadOnlySpan<byte> ElementName(int depth)
    {
        int owner = depth - 1;
        while (owner > 0 && _frames[owner].IsArray) owner--;
        return owner > 0 ? Plain(_frames[owner].Name) : default;
    }

    /// <summary>The text with its escapes undone; R4 allows them in an element's name too.</summary>
    private readonly ReadOnlySpan<byte> Plain(Text at)
    {
        var raw = _resource.Slice(at.Start, at.Length);
        if (!raw.Contains((byte)'\\')) return raw;
        byte[] text = new byte[raw.Length];
        return text.AsSpan(0, JsonStrings.Unescape(raw, text));
    }

    private readonly string PathTo(int depth)
    {
        var path = new StringBuilder();
        for (int owner = 1; owner < depth; owner++)
            if (!_frames[owner].IsArray) ElementPath.Append(path, Plain(_frames[owner].Name));
        return path.ToString();
    }
}
