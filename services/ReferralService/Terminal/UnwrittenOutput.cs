namespace ReferralService.Terminal;

/// <summary>What a verb says when its output takes no more.</summary>
internal static class UnwrittenOutput
{
    private const int BrokenPipe = 32;
    private const int WindowsBrokenPipe = unchecked((int)0x8007006D);
    private const int WindowsPipeCloses = unchecked((int)0x800700E8);

    /// <summary>Whoever read it has seen enough (<c>| head</c>): no fault. All else is one: an export on a full disk is not whole.</summary>
    /// <param name="code">How the verb ends by what it found.</param>
    /// <returns>How it ends.</returns>
    public static async Task<int> TellAsync(IOException failure, Screen screen, int code = ExitCodes.Done)
    {
        if (failure.HResult is BrokenPipe or WindowsBrokenPipe or WindowsPipeCloses) return code;
        await screen.Errors.WriteLineAsync($"What was to be said could not be written (I/O error {failure.HResult}): see the disk or the program that the output goes to.");
        return code == ExitCodes.Done ? ExitCodes.Failed : code;
    }
}
