namespace ReferralService.Tests.Terminal;

/// <summary>Says when a text has been written.</summary>
internal sealed class HeardWriter(string text) : StringWriter
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Heard => _heard.Task.WaitAsync(Ceiling, TimeProvider.System);

    public override async Task WriteLineAsync(string? value)
    {
        await base.WriteLineAsync(value);
        if (value?.Contains(text, StringComparison.Ordinal) == true) _heard.TrySetResult();
    }
}
