using System.Text;
using System.Text.Json;
using ReferralService.Fhir.Validation.Definitions;

namespace ReferralService.Fhir.Validation;

internal ref partial struct LintWalk
{
    /// <summary>From an element's name past its value.</summary>
    private void Property(in TypeRow type, ref Frame frame)
    {
        long at = _reader.TokenStartIndex;
        var name = _reader.ValueIsEscaped ? Unescaped(_reader.ValueSpan) : _reader.ValueSpan;
        bool beside = name.Length > 1 && name[0] == (byte)'_';
        int row = _r4.Find(type, beside ? name[1..] : name);
        if (row < 0 || (beside && _r4.Elements[row].Kind == PrimitiveKind.None))
        {
            if (!frame.IsResource || !name.SequenceEqual("resourceType"u8)) Report(LintCode.UnknownElement, at);
            Pass();
            return;
        }

        ref readonly var element = ref _r4.Elements[row];
        Note(in type, element, row, beside, ref frame, at);
        Read();
        if (_reader.TokenType == JsonTokenType.Null) Report(LintCode.NullValue, _reader.TokenStartIndex);
        else if (element.IsList) List(element, row, beside, ref frame);
        else if (beside) Beside(element, ref frame);
        else Single(element, ref frame);
    }

    /// <summary>Past the value of the name just read, whatever it is.</summary>
    private void Pass()
    {
        Read();
        Skip();
    }

    private readonly void Note(in TypeRow type, in ElementRow element, int row, bool beside, ref Frame frame, long at)
    {
        if ((element.Traits & ElementTraits.Forbidden) != 0) Report(LintCode.CardinalityMax, at);
        ref ulong seen = ref frame.Values;
        if (beside) seen = ref frame.Beside;
        bool again = (seen & element.Bit) != 0;
        seen |= element.Bit;
        if (element.Choice == 0)
        {
            if (again) Report(LintCode.DuplicateElement, at);
            return;
        }

        ref ushort chosen = ref frame.Choices[element.Choice - 1];
        ushort number = (ushort)(row - type.FirstElement + 1);
        if (chosen == 0) chosen = number;
        else if (chosen != number) Report(LintCode.TwoChoices, at, below: null);
        else if (again) Report(LintCode.DuplicateElement, at);
    }

    /// <summary>One value, which the reader stands on: of an element that does not repeat, or an item of one that does.</summary>
    private void Single(in ElementRow element, ref Frame frame)
    {
        if (element.Kind != PrimitiveKind.None)
        {
            Primitive(element, ref frame);
        }
        else if (_reader.TokenType != JsonTokenType.StartObject)
        {
            WrongShape();
        }
        else if ((element.Traits & ElementTraits.AnyResource) != 0)
        {
            Inner(element, ref frame);
        }
        else
        {
            short codes = frame.Role == TypeRole.CodeableConcept && _r4.Types[element.Type].Role == TypeRole.Coding ? frame.Codes : element.Codes;
            WalkObject(element.Type, codes, element.Targets, ref frame);
        }
    }

    /// <summary>A resource within a resource: contained, or an entry's, a parameter's, a response's.</summary>
    private void Inner(in ElementRow element, ref Frame frame)
    {
        if (!frame.IsResource || !_r4.NameOf(element).SequenceEqual("contained"u8))
        {
            // The type of a package's entries is told; what is in them is another check's.
            if ((_scope & LintScope.EnvelopeOnly) != 0) Skip();
            else Resource(contained: false);
            return;
        }

        if (_holder.InContained) Report(LintCode.BadContained, _reader.TokenStartIndex, rule: "dom-2");
        bool within = _holder.InContained;
        _holder.InContained = true;
        Resource(contained: true);
        _holder.InContained = within;
    }

    private void WrongShape()
    {
        bool many = false;
        if (_reader.TokenType == JsonTokenType.StartArray)
        {
            var ahead = _reader;
            Read(ref ahead, _broken);
            if (ahead.TokenType != JsonTokenType.EndArray)
            {
                Skip(ref ahead, _broken);
                many = Read(ref ahead, _broken) && ahead.TokenType != JsonTokenType.EndArray;
            }
        }

        Report(many ? LintCode.CardinalityMax : LintCode.WrongJsonType, _reader.TokenStartIndex);
        Skip();
    }

    /// <summary>At an object's closing brace: what it should have had, and what its role demands.</summary>
    private void End(in TypeRow type, ref Frame frame, ref Frame parent, long start)
    {
        ulong missing = type.Required & ~(frame.Values | frame.Beside);
        for (; missing != 0; missing &= missing - 1)
            Report(LintCode.CardinalityMin, start, below: Stem(type, System.Numerics.BitOperations.TrailingZeroCount(missing)));

        if (_memory.Lists.Count > frame.FirstList) EndLists(ref frame, start);
        // A value with nothing but an id, beside no value.
        if ((frame.BesideIdOnly & ~frame.Values) != 0) Report(LintCode.Empty, start, rule: "ele-1");
        if (frame.IsResource) EndResource(in type, ref frame, start);
        // Every type's first element is its id; one that has nothing else says nothing.
        else if ((frame.Values | frame.Beside) == 1 && frame.Type != _r4.Element) Report(LintCode.Empty, start, rule: "ele-1");

        switch (frame.Role)
        {
            case TypeRole.Extension: EndExtension(in type, ref frame, start); break;
            case TypeRole.Reference: EndReference(ref frame, start); break;
            case TypeRole.Coding: EndCoding(ref frame, ref parent, start); break;
            case TypeRole.CodeableConcept: EndConcept(in type, ref frame, start); break;
            case TypeRole.Meta: EndMeta(in type, ref frame, ref parent, start); break;
        }

        if ((_scope & LintScope.Invariants) != 0)
            Invariants.Check(frame.Type, new ElementSlice(_reader.Opening), _holder.InContained, _memory, _limit);
    }

    private readonly string Stem(in TypeRow type, int ordinal)
    {
        foreach (ref readonly var element in _r4.Elements.AsSpan(type.FirstElement, type.ElementCount))
            if (element.Ordinal == ordinal) return Encoding.ASCII.GetString(_r4.StemOf(element));
        return "?";
    }
}
