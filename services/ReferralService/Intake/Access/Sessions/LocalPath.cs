namespace ReferralService.Intake.Access.Sessions;

/// <summary>Where somebody was going who has to sign in first: an address of ours, or none.</summary>
internal static class LocalPath
{
    private const int Longest = 2048;

    /// <summary>The sign-in page that leads on to the address asked for.</summary>
    public static string SignInTo(HttpRequest request)
        => FormCheck.IsSafe(request.Method) && Check(request.Path.ToUriComponent() + request.QueryString.ToUriComponent()) is { Length: > 1 } path
            ? $"/sign-in?return={Uri.EscapeDataString(path)}"
            : "/sign-in";

    /// <summary>The path if it leads nowhere but here: one slash, then neither a second one nor a backslash (to browsers the same), ASCII without control characters; not back to the signing in itself. Else the board.</summary>
    public static string Check(string? path)
        => path is ['/', ..] and not ['/', '/' or '\\', ..] && path.Length <= Longest && path.All(c => c is > ' ' and <= '~' and not '\\')
            && !path.StartsWith("/sign-", StringComparison.OrdinalIgnoreCase)
            ? path
            : "/";
}
