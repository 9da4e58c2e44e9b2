using ReferralService;
using ReferralService.Delivery;
using ReferralService.Flow;
using ReferralService.Gathering;
using ReferralService.Intake;
using ReferralService.Ledger;
using ReferralService.Ops;
using ReferralService.Packaging;
using ReferralService.RecipientDirectory;
using ReferralService.Status;

var builder = WebApplication.CreateBuilder(args).AddLoggingDefaults();
var settings = new SettingsReader(builder.Configuration);
var bus = BusOptions.Read(settings);

builder.Services.AddSingleton(TimeProvider.System);
builder.Services
    .AddLedger(settings, bus)
    .AddIntake(settings, bus)
    .AddGathering(settings)
    .AddRecipientDirectory(settings)
    .AddPackaging(settings)
    .AddDelivery(settings)
    .AddStatus(settings, bus)
    .AddOps(settings)
    .AddFlow(settings, bus);

settings.Done();
if (settings.Faults.Count > 0)
{
    Console.Error.WriteLine($"ReferralService does not start: {settings.Faults.Count} setting(s) cannot be used.");
    settings.Faults.ForEach(fault => Console.Error.WriteLine($"  {fault}"));
    return 2;
}

var app = builder.Build();
app.UseIntake();
app.MapOps();
app.MapIntake();
app.MapFlow();
await app.RunAsync();
return 0;
