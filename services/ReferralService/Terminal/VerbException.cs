namespace ReferralService.Terminal;

/// <summary>A verb cannot be done: how it ends, and what is said on standard error.</summary>
/// <param name="exitCode">Of <see cref="ExitCodes"/>.</param>
/// <param name="text">One line: what is wrong and what to do.</param>
/// <param name="problem">The service's own answer (problem+json), where it gave one; said as it is with <c>--json</c>.</param>
internal sealed class VerbException(int exitCode, string text, string? problem = null) : Exception(text)
{
    public int ExitCode { get; } = exitCode;

    public string? Problem { get; } = problem;
}
