namespace ReferralService.Benchmarks.Walk;

/// <summary>The usual stage (SQLite FULL, RabbitMQ), started and warmed by the figure that first needs it and shared with those after it: warming is most of what a figure takes.</summary>
internal sealed class WarmStage(Choices choices, Servers servers) : IAsyncDisposable
{
    private const int FirstReferrals = 500;

    private static readonly TimeSpan Least = TimeSpan.FromSeconds(5);

    private Stage? _stage;

    /// <summary>Results in each EHR's record; the first is everybody's, and the others are for <see cref="SizeFigures"/>.</summary>
    public IReadOnlyList<int> Sizes { get; } = choices.Quick ? [300, 60, 6_000] : [300, 60, 1_500, 6_000, 60_000];

    public WorkerProcess Client { get; private set; } = null!;

    /// <summary>The first referrals of the process, the very first with all that is compiled for it.</summary>
    public Round First { get; private set; } = null!;

    /// <summary>Name of an EHR in the service's settings.</summary>
    public static string EhrOf(int size) => size == 0 ? "main" : $"ehr{size}";

    public async Task<Stage> OpenAsync()
    {
        if (_stage is not null) return _stage;
        var settings = new Dictionary<string, string>
        {
            [$"Ehrs:{IntakeFigures.Ehr}:BaseUrl"] = "/fhir-hooks",
            [$"Ehrs:{IntakeFigures.Ehr}:PollInterval"] = "00:00:00",
            [$"Ehrs:{IntakeFigures.Ehr}:NotificationSecret"] = IntakeFigures.Secret,
        };
        // Those whose packages nobody waits for.
        foreach (var form in FidelityFigures.Forms)
        {
            settings[$"Recipients:{FidelityFigures.RecipientOf(form)}:BaseUrl"] = Partners.Hanging;
            settings[$"Recipients:{FidelityFigures.RecipientOf(form)}:Form"] = $"{form}";
        }

        _stage = await Stage.OpenAsync(servers, Setup.Usual, [.. Sizes.Select(size => $"{size}")], settings);
        var service = _stage.Services[0];
        var ready = service.Cpu;
        await _stage.LookAsync();
        Client = await _stage.ClientAsync();
        var first = await _stage.Load.RunAsync(FirstReferrals - Stage.Looked, 8);
        First = first with { Referrals = FirstReferrals, Cpu = service.Cpu - ready };
        await WarmAsync(_stage, Client, choices, since: First.Clock);
        return _stage;
    }

    /// <param name="since">How long the service has been at work already; the comparators are warm in less.</param>
    public static Task WarmAsync(Stage stage, WorkerProcess client, Choices choices, TimeSpan since = default) => Stage.WarmAsync(
        choices.Warm - since > Least ? choices.Warm - since : Least, () => stage.Load.RunAsync(choices.Referrals, 8), () => client.RunAsync(false, choices.Referrals, 8), () => client.RunAsync(true, choices.Referrals, 8));

    public async ValueTask DisposeAsync()
    {
        if (_stage is not null) await _stage.DisposeAsync();
    }
}
