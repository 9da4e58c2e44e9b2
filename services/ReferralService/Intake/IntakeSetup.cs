using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ReferralService.Intake.Access;
using ReferralService.Intake.Access.Oidc;
using ReferralService.Intake.Access.Sessions;
using ReferralService.Intake.Answers;
using ReferralService.Intake.Commands;
using ReferralService.Intake.Notifications;
using ReferralService.Intake.Requests;
using ReferralService.Intake.Settings;

namespace ReferralService.Intake;

internal static partial class IntakeSetup
{
    private const int DefaultPort = 8080;

    /// <summary>A body this long is still read to its end (and thrown away, for five seconds at most) where it is refused: a sender
    /// whose connection is reset while it writes never hears the 413, and repeats.</summary>
    private const long ReadAwayBytes = 64 << 20;

    public static IServiceCollection AddIntake(this IServiceCollection services, SettingsReader settings, BusOptions bus)
    {
        var options = IntakeOptions.Read(settings);
        var api = settings.Part("Api");
        var keys = ApiKeys.Read(api);
        var oidc = OidcOptions.Read(api);
        var listen = ListenAddresses.Read(settings);
        var callersAreKnown = keys.Any || oidc is not null;
        if (listen.BeyondLoopback && !callersAreKnown)
        {
            settings.Fault("Api:Keys", "is empty, but the service is to listen beyond loopback (urls); configure a key (Api:Keys:{name}:Secret and :Role) or an identity provider (Api:Oidc), or listen on 127.0.0.1 only");
        }

        var address = PublicAddress.Read(settings);
        var publicIsHttps = address.Url?.Scheme == Uri.UriSchemeHttps;
        var cookies = new SessionCookies(callersAreKnown && (listen.HttpsOnly || publicIsHttps), publicIsHttps && !listen.HttpsOnly ? HostString.FromUriComponent(address.Url!) : null);
        return services
            .AddSingleton(options)
            .AddSingleton(keys)
            .AddSingleton(address)
            .AddSingleton(new EhrRegistry(EhrSettings.Read(settings)))
            .AddSingleton(new KnownRecipients(settings.Names("Recipients")))
            .AddSingleton<KnownPartners>()
            .AddSingleton<NotificationRate>()
            .AddSingleton<CallRate>()
            .AddSingleton<NotificationEndpoints>()
            .AddSingleton<ReferralRequests>()
            .AddSingleton<ReferralEndpoints>()
            .AddSessions(cookies)
            .AddOidc(oidc, cookies)
            .AddCommands(bus)
            .Configure<KestrelServerOptions>(kestrel => Limit(kestrel, options, listen));
    }

    /// <summary>What every request passes first: an answer for every failure, and who may call what.</summary>
    public static void UseIntake(this WebApplication app)
    {
        app.UseMiddleware<ErrorAnswers>();
        app.UseMiddleware<FramingCheck>();
        app.UseMiddleware<DrainingAnswers>();
        app.UseMiddleware<PublicScheme>();
        app.UseMiddleware<SignInRate>();
        app.UseAuthentication();
        app.UseMiddleware<ApiAccess>();
        app.UseMiddleware<FormCheck>();
    }

    public static void MapIntake(this WebApplication app)
    {
        NotificationEndpoints.Map(app);
        ReferralEndpoints.Map(app);
        CapabilityEndpoint.Map(app);
        Advise(app.Logger, app.Services.GetRequiredService<EhrRegistry>(), app.Services.GetRequiredService<KnownRecipients>());
    }

    private static IServiceCollection AddCommands(this IServiceCollection services, BusOptions bus)
    {
        services.TryAddSingleton<BrokerTroubles>();
        services.AddSingleton(provider => new DeadLetters(bus, provider.GetRequiredService<TimeProvider>()));
        return bus.Transport == BusTransport.RabbitMq
            ? services.AddSingleton<CommandHandler>().AddSingleton(provider => new CommandBroker(bus, provider.GetRequiredService<TimeProvider>())).AddHostedService<CommandReader>()
            : services;
    }

    private static void Limit(KestrelServerOptions kestrel, IntakeOptions options, ListenAddresses listen)
    {
        if (!listen.Configured) kestrel.Listen(IPAddress.Loopback, DefaultPort);
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = Math.Max(ReadAwayBytes, options.MaxNotificationBytes);
        limits.MaxRequestLineSize = 8 << 10;
        limits.MaxRequestHeadersTotalSize = 32 << 10;
        limits.MaxRequestHeaderCount = 100;
        limits.RequestHeadersTimeout = options.HeadersTimeout;
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        limits.MinRequestBodyDataRate = new MinDataRate(options.MinBodyBytesPerSecond, options.SlowBodyGrace);
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MaxConcurrentConnections = options.MaxConnections;
    }

    private static void Advise(ILogger logger, EhrRegistry ehrs, KnownRecipients recipients)
    {
        if (recipients.Count == 0) Log.NoRecipient(logger);
        if (ehrs.All.Count == 0) Log.NoEhr(logger);
        foreach (var ehr in ehrs.All)
        {
            if (ehr.NotificationSecret is null && ehr.PollInterval == TimeSpan.Zero) Log.NobodyTells(logger, ehr.Name);
            else if (ehr.NotificationSecret is null) Log.NoSecret(logger, ehr.Name);
            // Medplum 4.5.2 sends a Subscription's header only up to the value's next colon.
            else if (ehr.NotificationSecret.Contains(':')) Log.ColonInSecret(logger, ehr.Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1030, LogLevel.Warning, "No EHR is configured: set Ehrs:main:BaseUrl (environment: Ehrs__main__BaseUrl) to the FHIR base of one, and Ehrs:main:NotificationSecret if it is to call us. README.md, \"Run it on your own systems\", has an example.")]
        public static partial void NoEhr(ILogger logger);

        [LoggerMessage(1033, LogLevel.Warning, "No recipient is configured: every referral will be held (recipient-unknown). Set Recipients:NAME:BaseUrl to a consultant's FHIR base and Recipients:NAME:Matches:0 to what in an order means it, e.g. Organization/uro-east.")]
        public static partial void NoRecipient(ILogger logger);

        [LoggerMessage(1031, LogLevel.Information, "EHR {Ehr} has no NotificationSecret: its notifications are refused, its orders are found by polling only.")]
        public static partial void NoSecret(ILogger logger, string ehr);

        [LoggerMessage(1034, LogLevel.Warning, "EHR {Ehr} has no NotificationSecret, and PollInterval is 00:00:00: nothing finds its orders but those that are submitted, by POST /api/referrals or a command. Set one of the two if that is not meant.")]
        public static partial void NobodyTells(ILogger logger, string ehr);

        [LoggerMessage(1032, LogLevel.Warning, "Ehrs:{Ehr}:NotificationSecret has a colon: some EHRs (Medplum) cut a header there and would be refused; choose one without.")]
        public static partial void ColonInSecret(ILogger logger, string ehr);
    }
}
