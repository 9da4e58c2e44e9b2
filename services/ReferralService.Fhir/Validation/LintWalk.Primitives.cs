using System.Text.Json;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.Validation.Definitions;
using ReferralService.Fhir.Validation.Primitives;

namespace ReferralService.Fhir.Validation;

internal ref partial struct LintWalk
{
    private void Primitive(in ElementRow element, ref Frame frame)
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.True or JsonTokenType.False:
                if (element.Kind != PrimitiveKind.Boolean) Report(LintCode.WrongJsonType, _reader.TokenStartIndex);
                break;
            case JsonTokenType.Number:
                if (element.Kind is not (PrimitiveKind.Decimal or PrimitiveKind.Integer or PrimitiveKind.PositiveInt or PrimitiveKind.UnsignedInt))
                    Report(LintCode.WrongJsonType, _reader.TokenStartIndex);
                else if (!PrimitiveFormat.IsNumber(element.Kind, _reader.ValueSpan))
                    Report(LintCode.BadPrimitive, _reader.TokenStartIndex);
                break;
            case JsonTokenType.String:
                if (element.Kind is PrimitiveKind.Boolean or PrimitiveKind.Decimal or PrimitiveKind.Integer or PrimitiveKind.PositiveInt or PrimitiveKind.UnsignedInt)
                    Report(LintCode.WrongJsonType, _reader.TokenStartIndex);
                else
                    TextValue(element, ref frame);
                break;
            default:
                WrongShape();
                break;
        }
    }

    private void TextValue(in ElementRow element, ref Frame frame)
    {
        long at = _reader.TokenStartIndex;
        var raw = new Run((int)at + 1, _reader.ValueSpan.Length, _reader.ValueIsEscaped);
        if (_cuts.Count > 0 && element.Kind == PrimitiveKind.Base64Binary && IsCut(raw)) return;
        var text = Text(raw);
        if (text.IsEmpty || (raw.Escaped && PrimitiveFormat.HasControl(text)) || !PrimitiveFormat.IsText(element.Kind, text))
        {
            Report(LintCode.BadPrimitive, at);
            return;
        }

        if (element.Codes >= 0 && !_r4.CodeSets[element.Codes].Has(text)) Report(LintCode.UnknownCode, at);
        switch (element.Kind)
        {
            case PrimitiveKind.String:
                if (text.Length > PrimitiveFormat.LongestString) Report(LintCode.BadPrimitive, at, LintSeverity.Warning);
                if (frame.Role == TypeRole.Reference && _r4.NameOf(element).SequenceEqual("reference"u8)) frame.First = raw;
                break;
            case PrimitiveKind.Id when frame.IsResource:
                frame.First = raw;
                break;
            case PrimitiveKind.Code when frame.Role == TypeRole.Coding:
                frame.First = raw;
                break;
            case PrimitiveKind.Uri or PrimitiveKind.Url or PrimitiveKind.Canonical:
                if (text[0] == (byte)'#') NoteLocal(raw, targets: -1, isReference: false, at);
                else if (frame.Role is TypeRole.Coding or TypeRole.Reference) frame.Second = raw;
                break;
            case PrimitiveKind.Xhtml:
                if (Xhtml.Broken(text, out _) is { } rule) Report(LintCode.Narrative, at, rule: rule);
                break;
        }
    }

    private readonly bool IsCut(Run run)
    {
        foreach (var cut in _cuts)
            if (cut.At >= run.At && cut.At <= run.At + run.Length) return true;
        return false;
    }

    private readonly ReadOnlySpan<byte> Text(Run run)
    {
        var raw = _json.Slice(run.At, run.Length);
        return run.Escaped ? Unescaped(raw) : raw;
    }

    /// <summary>In the scratch, which the next call takes over.</summary>
    private readonly ReadOnlySpan<byte> Unescaped(ReadOnlySpan<byte> raw)
    {
        var room = _memory.Room(raw.Length);
        return room[..JsonStrings.Unescape(raw, room)];
    }
}
