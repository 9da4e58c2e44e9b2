using ReferralService.Doctor;
using ReferralService.Gathering;

namespace ReferralService;

/// <summary>The rooms as a start with the same words would add them, for the doctor to look through: nothing of them is begun.</summary>
internal sealed class DoctorHost : IAsyncDisposable
{
    private readonly SettingsReader _settings;
    private readonly SettingSources _sources;
    private readonly BusOptions _bus;
    private readonly ServiceProvider _rooms;

    private DoctorHost(SettingsReader settings, SettingSources sources, BusOptions bus, ServiceProvider rooms)
        => (_settings, _sources, _bus, _rooms) = (settings, sources, bus, rooms);

    /// <summary>Where a start would listen; null when it is not set.</summary>
    public string? Urls => _settings.Peek("urls");

    public bool SettingsAreAtFault => _settings.Faults.Count > 0;

    /// <param name="words">Settings, as a start takes them.</param>
    /// <exception cref="InvalidDataException">appsettings.json is no JSON.</exception>
    public static DoctorHost Open(string[] words, TimeProvider clock)
    {
        var (builder, settings, bus) = ReferralHost.Prepare(words, clock);
        // What is found is said by the findings; a log beside them would say it twice.
        builder.Logging.ClearProviders();
        // One question each: nobody waits here for what comes back later.
        builder.Services.AddSingleton(new GetPipelineOptions { NoRetryAfter = TimeSpan.Zero, Total = Examination.Ceiling });
        return new(settings, new SettingSources(builder.Configuration), bus, builder.Services.BuildServiceProvider());
    }

    /// <param name="url">Where the service would answer.</param>
    public Diagnosis Examine(string url) => new(_settings, _sources, _bus, _rooms, url);

    public IReadOnlyList<ExplainedSetting> Explain() => SettingsLook.Explain(_settings, _sources);

    public ValueTask DisposeAsync() => _rooms.DisposeAsync();
}
