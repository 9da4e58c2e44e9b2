using System.Text.Json;

namespace ReferralService.Benchmarks.Walk;

/// <summary>Compares two JSON texts token by token, the bytes between tokens included; only the texts of references may differ.</summary>
internal sealed class ByteTally
{
    /// <summary>Bytes of the sources but those of rewritten references.</summary>
    public long Outside { get; private set; }

    public long Changed { get; private set; }

    public int Rewritten { get; private set; }

    public void Add(ReadOnlySpan<byte> source, ReadOnlySpan<byte> sent)
    {
        var a = new Utf8JsonReader(source);
        var b = new Utf8JsonReader(sent);
        int aEnd = 0, bEnd = 0;
        bool reference = false;
        while (a.Read())
        {
            if (!b.Read() || a.TokenType != b.TokenType)
            {
                // From here on nothing corresponds.
                Changed += source.Length - aEnd;
                Outside += source.Length - aEnd;
                return;
            }

            ReadOnlySpan<byte> between = source[aEnd..(int)a.TokenStartIndex], token = source[(int)a.TokenStartIndex..(int)a.BytesConsumed];
            Compare(between, sent[bEnd..(int)b.TokenStartIndex]);
            if (reference && a.TokenType == JsonTokenType.String && !a.ValueSpan.SequenceEqual(b.ValueSpan)) Rewritten++;
            else Compare(token, sent[(int)b.TokenStartIndex..(int)b.BytesConsumed]);
            reference = a.TokenType == JsonTokenType.PropertyName && (a.ValueTextEquals("reference"u8) || a.ValueTextEquals("url"u8));
            (aEnd, bEnd) = ((int)a.BytesConsumed, (int)b.BytesConsumed);
        }
    }

    private void Compare(ReadOnlySpan<byte> source, ReadOnlySpan<byte> sent)
    {
        Outside += source.Length;
        if (!source.SequenceEqual(sent)) Changed += source.Length;
    }
}
