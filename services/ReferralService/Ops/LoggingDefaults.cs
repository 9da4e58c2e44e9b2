using Microsoft.Extensions.Configuration.Memory;

namespace ReferralService.Ops;

/// <summary>How the service logs when nobody says otherwise: one line each, UTC, and the categories quiet that print URLs, headers or foreign texts.</summary>
/// <remarks>In code and below every other source, because appsettings.json is read from the working directory and may not be there.</remarks>
internal static class LoggingDefaults
{
    private static readonly Dictionary<string, string?> Values = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft"] = "Warning",
        ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Information",

        // Prints path and query of every request: ids, and whatever a caller put there.
        ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "Warning",
        ["Logging:LogLevel:Microsoft.AspNetCore.Routing"] = "Warning",

        // Prints why a start failed or a loop ended, stack and foreign message; StartRefusal and LoopWatch say it without.
        ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "None",

        // Prints the URL of every request to a partner, with the logical id of the patient.
        ["Logging:LogLevel:System.Net.Http.HttpClient"] = "Warning",
        // Print why a cookie, a form or a token was not good, with foreign messages; Intake says it without.
        ["Logging:LogLevel:Microsoft.AspNetCore.Antiforgery"] = "None",
        ["Logging:LogLevel:Microsoft.AspNetCore.Authentication"] = "None",
        ["Logging:LogLevel:MassTransit"] = "Warning",
        ["Logging:LogLevel:Npgsql"] = "Warning",

        // Whoever reads the log may stop reading it: then lines are dropped (and how many is said later), and nobody waits for a full pipe.
        ["Logging:Console:QueueFullMode"] = "DropWrite",
        ["Logging:Console:FormatterName"] = "simple",
        ["Logging:Console:FormatterOptions:SingleLine"] = "true",
        ["Logging:Console:FormatterOptions:UseUtcTimestamp"] = "true",
        ["Logging:Console:FormatterOptions:TimestampFormat"] = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ",
    };

    public static WebApplicationBuilder AddLoggingDefaults(this WebApplicationBuilder builder)
    {
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = Values });
        return builder;
    }
}
