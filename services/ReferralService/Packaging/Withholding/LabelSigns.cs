using System.Text;
using ReferralService.Gathering.Plans;

namespace ReferralService.Packaging.Withholding;

/// <summary>
/// Whether anything in a body can label it, by a look at its bytes: in nearly every body nothing can, and then none of it need be read token by token.
/// What is a sign and means nothing costs a reading; what is no sign never means anything.
/// </summary>
internal sealed class LabelSigns
{
    private const int LongestCode = 256;

    private readonly ByteMemory<object> _codes = new(int.MaxValue);

    /// <summary>Beginnings of codes that branch, in capitals and without dots, by their first letter.</summary>
    private readonly byte[][]?[] _beginnings = new byte[128][][];

    /// <summary>There is a rule that this cannot look for.</summary>
    private readonly bool _always;

    public LabelSigns(IReadOnlyList<LabelRule> rules)
    {
        foreach (string code in LabelSystems.All.Concat(rules.SelectMany(r => r.Codes).SelectMany(c => c.Codes))) Add(Encoding.UTF8.GetBytes(code));
        string[] beginnings = [.. rules.SelectMany(r => r.Codes).SelectMany(c => c.Prefixes).Select(p => CodeSystems.Plain(p).ToUpperInvariant()).Distinct()];
        _always = beginnings.Any(b => b.Length == 0 || !Ascii.IsValid(b));
        if (_always) return;
        foreach (var group in beginnings.GroupBy(b => b[0])) _beginnings[group.Key] = [.. group.Select(Encoding.ASCII.GetBytes)];
    }

    /// <param name="utf8">A whole resource, known to be JSON.</param>
    public bool StandIn(ReadOnlySpan<byte> utf8)
    {
        // Labels' own elements; the systems of levels of confidentiality, of which any code is a level, and the element; the OID of the same.
        if (_always || utf8.IndexOf("\"security"u8) >= 0 || utf8.IndexOf("onfidentiality"u8) >= 0 || utf8.IndexOf("113883.5.25"u8) >= 0 || HidesWords(utf8)) return true;
        for (int at; (at = utf8.IndexOf("\"code\""u8)) >= 0;)
        {
            utf8 = utf8[(at + 6)..];
            var value = utf8.TrimStart(" \t\r\n"u8);
            if (value is not [(byte)':', ..]) continue;
            value = value[1..].TrimStart(" \t\r\n"u8);
            if (value is not [(byte)'"', ..]) continue;
            value = value[1..];
            int end = value.IndexOfAny((byte)'"', (byte)'\\');
            if (end < 0 || value[end] == (byte)'\\' || IsSign(value[..end])) return true;
        }

        return false;
    }

    /// <summary>Whether letters, digits, dots or dashes are written as escapes: nobody does, but then a name or a code may look like something else.</summary>
    private static bool HidesWords(ReadOnlySpan<byte> utf8)
    {
        for (int at; (at = utf8.IndexOf("\\u00"u8)) >= 0; utf8 = utf8[(at + 4)..])
        {
            if (utf8.Length < at + 6) return true;
            var (high, low) = (utf8[at + 4], utf8[at + 5]);
            if (high is >= (byte)'4' and <= (byte)'7' || (high == (byte)'3' && low is >= (byte)'0' and <= (byte)'9') || (high == (byte)'2' && low is (byte)'d' or (byte)'D' or (byte)'e' or (byte)'E')) return true;
        }

        return false;
    }

    private bool IsSign(ReadOnlySpan<byte> code)
    {
        if (code.IsEmpty) return false;
        if (code.Length > LongestCode || !Ascii.IsValid(code) || _codes.Find(code, out _) is not null) return true;
        Span<byte> plain = stackalloc byte[LongestCode];
        int length = 0;
        foreach (byte b in code)
        {
            if (b != (byte)'.') plain[length++] = b is >= (byte)'a' and <= (byte)'z' ? (byte)(b - 32) : b;
        }

        if (length == 0 || _beginnings[plain[0]] is not { } beginnings) return false;
        foreach (byte[] beginning in beginnings)
        {
            if (plain[..length].StartsWith(beginning)) return true;
        }

        return false;
    }

    private void Add(ReadOnlySpan<byte> code)
    {
        if (_codes.Find(code, out int hash) is null) _codes.Remember(code, hash, this);
    }
}
