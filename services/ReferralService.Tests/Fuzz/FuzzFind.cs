namespace ReferralService.Tests.Fuzz;

/// <summary>An input that broke what must hold, made as small as a short search makes it, with all it takes to make it again.</summary>
internal static class FuzzFind
{
    private const int MostTries = 3000;

    public static string Tell(FuzzTarget target, ulong seed, long number, byte[] input, string what)
    {
        var small = what.StartsWith("It took", StringComparison.Ordinal) ? input : Shrink(target, input);
        return $"""
            {target.Name}: {what}
            seed {seed}, input {number} (REFERRAL_FUZZ_SEED={seed})
            input as base64: {Convert.ToBase64String(input)}
            made smaller:    {Convert.ToBase64String(small)}
            Mend it with a case in FuzzRegressionTests first.
            """;
    }

    /// <summary>Leaves out ever smaller pieces while the same kind of failure stays.</summary>
    private static byte[] Shrink(FuzzTarget target, byte[] input)
    {
        if (Failure(target, input) is not { } kind) return input;
        int tries = 0;
        for (int piece = Math.Max(1, input.Length / 2); ; piece /= 2)
        {
            for (int at = 0; at < input.Length && tries++ < MostTries;)
            {
                byte[] less = [.. input[..at], .. input[Math.Min(input.Length, at + piece)..]];
                if (Failure(target, less) == kind) input = less;
                else at += piece;
            }

            if (piece == 1) return input;
        }
    }

    private static string? Failure(FuzzTarget target, byte[] input)
    {
        try
        {
            target.Read(input);
            return null;
        }
        catch (Exception e)
        {
            return e.GetType().Name;
        }
    }
}
