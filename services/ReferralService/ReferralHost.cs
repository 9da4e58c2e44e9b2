using ReferralService.Delivery;
using ReferralService.Flow;
using ReferralService.Gathering;
using ReferralService.Gathering.Plans;
using ReferralService.Intake;
using ReferralService.Ledger;
using ReferralService.Ops;
using ReferralService.Ops.Export;
using ReferralService.Ops.Pages;
using ReferralService.Packaging;
using ReferralService.RecipientDirectory;
using ReferralService.Status;

namespace ReferralService;

/// <summary>The settings cannot be used: every fault, each one line that starts with its key.</summary>
internal sealed class SettingsException(IReadOnlyList<string> faults) : Exception($"{faults.Count} setting(s) cannot be used.")
{
    public IReadOnlyList<string> Faults { get; } = faults;
}

/// <summary>The whole service: every room added, every room mapped.</summary>
internal static class ReferralHost
{
    /// <param name="clock">The one clock of the process.</param>
    /// <exception cref="SettingsException">Some setting cannot be used.</exception>
    public static WebApplication Build(string[] args, TimeProvider clock)
    {
        var (builder, settings, _) = Prepare(args, clock);
        if (settings.Faults.Count > 0)
        {
            throw new SettingsException(settings.Faults);
        }

        LoopWatch.AddTo(builder.Services);

        // Steps are given five seconds (Drain); whatever else hangs must not keep a supervisor waiting until it kills.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(9));
        var app = builder.Build();
        GatheringSetup.TellPlans(app.Logger, app.Services.GetRequiredService<PlanBook>());
        app.UseMiddleware<RequestSpan>();
        app.UsePages();
        app.UseIntake();
        app.MapOps();
        app.MapIntake();
        app.MapFlow();
        return app;
    }

    /// <summary>Every room added as the settings say; nothing is opened, asked or begun. The settings' faults are in the reader.</summary>
    public static (WebApplicationBuilder Builder, SettingsReader Settings, BusOptions Bus) Prepare(string[] args, TimeProvider clock)
    {
        // Settings are read once. The host's watcher for changed ones would hear of every write to a database that lies below them.
        var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]).AddLoggingDefaults();
        var settings = new SettingsReader(builder.Configuration);
        builder.Configuration.AddSecretFiles(settings);
        var bus = BusOptions.Read(settings);
        var webhooks = WebhookOptions.Read(settings);

        builder.Services.AddSingleton(clock);
        JsonLogFormatter.AddTo(builder.Services);
        // Before the rooms: what is added first ends last, and sends what the others did at their end.
        OtlpExport.AddTo(builder.Services, settings);
        builder.Services
            .AddLedger(settings, bus, [.. webhooks.Select(webhook => webhook.Subscription)])
            .AddIntake(settings, bus)
            .AddGathering(settings)
            .AddRecipientDirectory(settings)
            .AddPackaging(settings)
            .AddDelivery(settings)
            .AddStatus(settings, bus, webhooks)
            .AddOps(settings)
            .AddFlow(settings, bus);

        settings.Done();
        return (builder, settings, bus);
    }
}
