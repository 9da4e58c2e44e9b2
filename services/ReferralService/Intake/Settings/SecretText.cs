namespace ReferralService.Intake.Settings;

/// <summary>What a secret that others show to us must be like. Never echoed.</summary>
internal static class SecretText
{
    /// <summary>Fewest characters: 16 of a random text of letters and digits hold over 90 bits, far beyond what the limits on calls leave to guessing.</summary>
    public const int Least = 16;

    /// <summary>Whether it can be used; if not, the fault is noted under its key.</summary>
    public static bool Check(SettingsReader part, string key, string secret)
    {
        if (!secret.All(c => c is > ' ' and < '\x7f')) part.Fault(key, "cannot travel in a header; use visible ASCII characters without spaces");
        else if (secret.Length < Least) part.Fault(key, $"is shorter than {Least} characters; give a long random text, e.g. of openssl rand -hex 24");
        else return true;
        return false;
    }
}
