using System.Buffers;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Fuzz;

/// <summary>Taking long runs of base64 out of a stream and putting them back: not a byte differs, and what is left is JSON exactly when the whole was.</summary>
internal static class ThinningTarget
{
    /// <summary>Longer than what stays of a string.</summary>
    private const int RunLength = LongRuns.Keep + 5000;

    public static FuzzTarget It { get; } = new("the taking out of long runs", 1, Corpus.Resources, Thin);

    private static bool Thin(byte[] seed)
    {
        var whole = WithRuns(seed);
        var (thin, put, kept) = Read(whole, int.MaxValue);
        var inPieces = Read(whole, 1 + (seed.Length % 5000));
        FhirTargets.Require(inPieces.Thin.AsSpan().SequenceEqual(thin) && inPieces.Cuts.SequenceEqual(put), "In pieces it is thinned alike.");

        var again = new ArrayBufferWriter<byte>(whole.Length);
        int at = 0;
        foreach (var cut in put)
        {
            again.Write(thin.AsSpan(at, cut.At - at));
            again.Write(kept.AsSpan((int)cut.Kept, cut.Length));
            at = cut.At;
        }

        again.Write(thin.AsSpan(at));
        FhirTargets.Require(again.WrittenSpan.SequenceEqual(whole), "Put back, not a byte differs.");

        var (ofWhole, ofThin) = (Outcome(whole), Outcome(thin));
        // Two names of more than 64 KiB that begin alike are one afterwards: refused, never read in two ways.
        FhirTargets.Require(ofWhole == ofThin || ofThin == FormatCode.JsonDuplicateKey, $"Whole it is {ofWhole}, thinned {ofThin}.");
        return put.Count > 0;
    }

    private static string Outcome(byte[] bytes)
    {
        try
        {
            var resource = RawResource.Read(bytes);
            return $"{resource.Type}/{resource.Id}";
        }
        catch (FhirFormatException fault)
        {
            return fault.Code;
        }
    }

    private static (byte[] Thin, List<BodyCut> Cuts, byte[] Kept) Read(byte[] whole, int piece)
    {
        var kept = new MemoryStream();
        using var body = new PiecewiseStream(whole, piece);
        using var runs = new LongRuns(body, bytes =>
        {
            long where = kept.Length;
            kept.Write(bytes);
            return where;
        });
        var thin = new MemoryStream();
        new ThinnedStream(runs).CopyToAsync(thin, 4096).GetAwaiter().GetResult();
        return (thin.ToArray(), [.. runs.Take(0, long.MaxValue)], kept.ToArray());
    }

    /// <summary>Two runs, one behind a quote and one anywhere, with some of the message in the middle of one.</summary>
    private static byte[] WithRuns(byte[] seed)
    {
        var dice = new Dice((ulong)seed.Length + (seed.Length > 0 ? seed[seed.Length / 2] : 0ul));
        int anywhere = dice.Below(seed.Length + 1);
        int quote = seed.AsSpan(anywhere).IndexOf((byte)'"');
        int behind = quote < 0 ? seed.Length : anywhere + quote + 1;
        byte[] odd = [.. seed.AsSpan(0, Math.Min(seed.Length, 1 + dice.Below(40)))];
        return [.. seed[..anywhere], .. Run(dice), .. seed[anywhere..behind], .. Run(dice), .. dice.Below(2) == 0 ? odd : [], .. Run(dice), .. seed[behind..]];
    }

    private static byte[] Run(Dice dice)
    {
        if (dice.Below(3) == 0) return [];
        byte[][] pieces = [.. new[] { "QUJDREVGR0g", "+/==", "\\/", "\\n", "\\u002b", "\\u002F", "abcd" }.Select(System.Text.Encoding.ASCII.GetBytes)];
        var run = new List<byte>(RunLength + 20);
        while (run.Count < RunLength) run.AddRange(dice.Below(200) == 0 ? dice.Of(pieces) : pieces[0]);
        return [.. run];
    }
}
