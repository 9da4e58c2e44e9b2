using System.Numerics;
using System.Text.Json;
using ReferralService.Fhir.Validation.Definitions;

namespace ReferralService.Fhir.Validation;

internal ref partial struct LintWalk
{
    /// <summary>Of so many items of a list of primitives it is remembered which are null.</summary>
    private const int NullsKept = 64;

    private void List(in ElementRow element, int row, bool beside, ref Frame frame)
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            Report(LintCode.WrongJsonType, _reader.TokenStartIndex);
            Skip();
            return;
        }

        long at = _reader.TokenStartIndex;
        int count = 0;
        ulong nulls = 0;
        for (; Read() && _reader.TokenType != JsonTokenType.EndArray; count++)
        {
            if (_reader.TokenType == JsonTokenType.Null)
            {
                if (element.Kind == PrimitiveKind.None) Report(LintCode.NullValue, _reader.TokenStartIndex);
                else if (count < NullsKept) nulls |= 1UL << count;
            }
            else if (!beside)
            {
                Single(element, ref frame);
            }
            else if (BesideOne())
            {
                // An item that has only an id gives its value nothing to stand for.
                if (count < NullsKept) nulls |= 1UL << count;
            }
        }

        if (count == 0) Report(LintCode.Empty, at);
        else if (element.Kind != PrimitiveKind.None) _memory.Lists.Add(new LintMemory.PrimitiveList(row, beside, count, nulls, at));
    }

    private void Beside(in ElementRow element, ref Frame frame)
    {
        if (BesideOne()) frame.BesideIdOnly |= element.Bit;
    }

    /// <summary>What stands beside one primitive: an object of id and extensions. Returns whether it holds no extension.</summary>
    private bool BesideOne()
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            WrongShape();
            return false;
        }

        var nobody = default(Frame);
        return WalkObject(_r4.Element, codes: -1, targets: -1, ref nobody) == 1;
    }

    /// <summary>Lists of primitives and what stands beside them: of one length, and at each place one of the two.</summary>
    private readonly void EndLists(ref Frame frame, long start)
    {
        var lists = _memory.Lists;
        for (int i = frame.FirstList; i < lists.Count; i++)
        {
            var list = lists[i];
            int other = Partner(lists, frame.FirstList, list);
            if (list.Beside && other >= 0) continue;
            if (other < 0)
            {
                if (list.Nulls != 0 && !list.Beside) Report(LintCode.NullValue, list.At);
                else if (list.Nulls != 0 && BitOperations.PopCount(list.Nulls) == list.Count) Report(LintCode.Empty, list.At, rule: "ele-1");
            }
            else if (lists[other].Count != list.Count)
            {
                Report(LintCode.PrimitiveExtension, list.At);
            }
            else if ((list.Nulls & lists[other].Nulls) != 0)
            {
                Report(LintCode.NullValue, list.At);
            }
        }

        lists.RemoveRange(frame.FirstList, lists.Count - frame.FirstList);
    }

    private static int Partner(List<LintMemory.PrimitiveList> lists, int first, LintMemory.PrimitiveList list)
    {
        for (int i = first; i < lists.Count; i++)
            if (lists[i].Element == list.Element && lists[i].Beside != list.Beside) return i;
        return -1;
    }
}
