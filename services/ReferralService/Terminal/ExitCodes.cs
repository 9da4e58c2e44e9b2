namespace ReferralService.Terminal;

/// <summary>How a verb ends (docs/interfaces.md, "Command line"). 3 and 4 are a start's.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>A fault of the program; of <c>doctor</c>: something is not usable.</summary>
    public const int Failed = 1;

    /// <summary>Words or settings that mean nothing, here or to the service (400, 413, 415).</summary>
    public const int Misused = 2;

    /// <summary>Nothing answers, or not in time, or not as this service does.</summary>
    public const int Unreachable = 5;

    /// <summary>401, 403.</summary>
    public const int Refused = 6;

    /// <summary>404, 410.</summary>
    public const int NotFound = 7;

    /// <summary>409: the state does not allow it.</summary>
    public const int Conflict = 8;

    /// <summary>429, 5xx: it may work later.</summary>
    public const int NotNow = 9;

    /// <summary>What was watched came to rest as failed, held or cancelled.</summary>
    public const int RestsFailed = 10;
    public const int RestsHeld = 11;
    public const int RestsCancelled = 12;

    /// <summary>As of a shell's child that Ctrl+C ended.</summary>
    public const int Interrupted = 130;

    public static int OfStatus(int status) => status switch
    {
        401 or 403 => Refused,
        404 or 410 => NotFound,
        409 => Conflict,
        400 or 405 or 406 or 413 or 415 or 422 => Misused,
        _ => NotNow,
    };
}
