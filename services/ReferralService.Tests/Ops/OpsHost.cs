using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ReferralService.Gathering;
using ReferralService.Intake;
using ReferralService.Intake.Answers;
using ReferralService.Intake.Commands;
using ReferralService.Intake.Access;
using ReferralService.Intake.Requests;
using ReferralService.Intake.Settings;
using ReferralService.Ledger;
using ReferralService.Ops;
using ReferralService.Ops.Pages;
using ReferralService.RecipientDirectory;
using ReferralService.Status;
using ReferralService.Status.Webhooks;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops;

/// <summary>The real routes of Ops over real HTTP and a real SQLite ledger; nothing else of the service.</summary>
internal sealed class OpsHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OpsHost(WebApplication app, TemporaryLedger ledger, ManualTimeProvider clock)
    {
        (_app, Ledger, Clock) = (app, ledger, clock);
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public TemporaryLedger Ledger { get; }

    public ManualTimeProvider Clock { get; }

    public HttpClient Http { get; }

    public BrokerStatus Broker => _app.Services.GetRequiredService<BrokerStatus>();

    public PartnerContacts Contacts => _app.Services.GetRequiredService<PartnerContacts>();

    public T Service<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    public IHostApplicationLifetime Lifetime => _app.Lifetime;

    /// <param name="database">In place of the ledger's own, for the health checks.</param>
    /// <param name="extend">More middleware behind the error answers.</param>
    public static async Task<OpsHost> StartAsync(Func<TemporaryLedger, LedgerDatabase>? database = null, Action<WebApplication>? extend = null, string recipient = "urology-east", BusOptions? bus = null)
    {
        var clock = new ManualTimeProvider();
        var ledger = await TemporaryLedger.OpenAsync(clock);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services
            .AddSingleton<TimeProvider>(clock)
            .AddSingleton(database?.Invoke(ledger) ?? ledger.Database)
            .AddSingleton(ledger.Referrals)
            .AddSingleton(ledger.Vault)
            .AddSingleton(ledger.Pauses)
            .AddSingleton(ledger.Actions)
            .AddSingleton(ledger.Problems)
            .AddSingleton(new DeadLetters(bus ?? new BusOptions(), TimeProvider.System))
            .AddSingleton(ledger.Bulks)
            .AddSingleton(new KnownRecipients([recipient]))
            .AddSingleton<KnownPartners>()
            .AddSingleton<ReferralRequests>()
            .AddSingleton(ledger.Disclosures)
            .AddSingleton(ledger.Notices)
            .AddSingleton(ledger.Requisitions)
            .AddSingleton(ledger.Notices)
            .AddSingleton(new BoardBook(ledger.Database))
            .AddSingleton(new LedgerOptions())
            .AddSingleton(new GatheringOptions())
            .AddSingleton<LedgerFigureBook>()
            .AddSingleton(new GetPipelineOptions())
            .AddSingleton<EhrConnections>()
            .AddSingleton<RecipientConnections>()
            .AddSingleton(new PublicAddress(new Uri("https://referrals.example.org")))
            .AddSingleton(ledger.Memory)
            .AddSingleton(ledger.Subscriptions)
            .AddSingleton(new EhrRegistry([new EhrOptions { Name = "main", BaseUrl = new Uri("https://ehr.example.org/fhir") }]))
            .AddSingleton(new RecipientRegistry([new RecipientOptions { Name = recipient, BaseUrl = new Uri("https://uro.example.org/fhir") }]))
            .AddSingleton<BrokerStatus>()
            .AddSingleton(new WebhookStandings())
            .AddOps(new SettingsReader(builder.Configuration));
        var app = builder.Build();
        app.UsePages();
        app.UseMiddleware<ErrorAnswers>();
        extend?.Invoke(app);
        app.MapOps();
        await app.StartAsync();
        return new OpsHost(app, ledger, clock);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        await Ledger.DisposeAsync();
    }
}
