using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.KeyPerFile;

namespace ReferralService;

/// <summary>Where the value of each setting comes from: of several sources the last one that has it counts.</summary>
internal sealed class SettingSources(IConfigurationRoot root)
{
    public const string Default = "default";
    private const string CommandLine = "command line";
    private const string Environment = "environment";
    private const string SecretFile = "secret file";

    /// <summary>Root keys that .NET's own host, web server and logging read.</summary>
    private static readonly HashSet<string> Runtime = new(StringComparer.OrdinalIgnoreCase)
    {
        "Logging", "Kestrel", "AllowedHosts", "urls", "http_ports", "https_ports", "environment", "contentRoot", "applicationName", "webroot", "hostBuilder",
        "hostingStartupAssemblies", "hostingStartupExcludeAssemblies", "preventHostingStartup", "detailedErrors", "captureStartupErrors", "suppressStatusMessages",
        "shutdownTimeoutSeconds", "startupAssembly", "staticWebAssets", "forwardedHeaders_enabled", "ConnectionStrings", "server.urls",
    };

    public static bool IsOfTheRuntime(string rootKey) => Runtime.Contains(rootKey);

    /// <summary>Whether a file or the command line has anything under a root key; the environment has much that is nobody's of ours.</summary>
    public static bool WrittenForUs(IConfiguration root, string rootKey) => root is IConfigurationRoot { Providers: var providers }
        && providers.Any(provider => NameOf(provider) is not (Environment or Default) && Holds(provider, rootKey));

    /// <returns><c>command line</c>, <c>environment</c>, <c>secret file</c>, a settings file's name, or <c>default</c>.</returns>
    public string Of(string key) => root.Providers.Reverse().FirstOrDefault(provider => provider.TryGet(key, out _)) is { } provider ? NameOf(provider) : Default;

    /// <summary>The value as it may be shown: a secret never, and of what holds one only what is none.</summary>
    /// <returns>Null: not set.</returns>
    public string? Shown(string key) => root[key] is { Length: > 0 } value ? SecretSettings.Redacted(key, value) : null;

    /// <remarks>Beside the settings in their folder (<c>Bus__RabbitMq</c>) there are secrets that are none, such as the vault's keys.</remarks>
    private static bool Holds(IConfigurationProvider provider, string rootKey)
        => (provider is not KeyPerFileConfigurationProvider && provider.TryGet(rootKey, out _)) || provider.GetChildKeys([], rootKey).Any();

    private static string NameOf(IConfigurationProvider provider) => provider switch
    {
        CommandLineConfigurationProvider => CommandLine,
        EnvironmentVariablesConfigurationProvider => Environment,
        KeyPerFileConfigurationProvider => SecretFile,
        JsonConfigurationProvider { Source.Path: { } path } => path,
        _ => Default,
    };
}
