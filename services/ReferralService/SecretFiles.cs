using Microsoft.Extensions.FileProviders;

namespace ReferralService;

/// <summary>Settings that stand in files of their own, one each, as container engines and systemd hand over secrets: the file's name is the key (<c>Bus__RabbitMq</c>, <c>__</c> for the colon), its content the value.</summary>
/// <remarks>What is in the environment every process of the same account can read, and a crash report may carry it; a file not. Read once, at start.</remarks>
internal static class SecretFiles
{
    private const string Key = "SecretsFolder";

    /// <summary>Adds the folder that <c>SecretsFolder</c> names, before all other sources. A line break at a file's end is not part of its value; files whose name begins with a dot or <c>ignore.</c> are passed over.</summary>
    public static void AddSecretFiles(this ConfigurationManager configuration, SettingsReader settings)
    {
        if (settings.Text(Key) is not { } named) return;
        var folder = Path.GetFullPath(named);
        if (!Directory.Exists(folder))
        {
            settings.Fault(Key, "names no folder that this account can see; mount the secrets there, or take the setting out");
            return;
        }

        try
        {
            configuration.AddKeyPerFile(source =>
            {
                source.FileProvider = new PhysicalFileProvider(folder);
                source.Optional = false;
            });
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            settings.Fault(Key, "names a folder with a file that this account may not read; give its group or owner the right");
        }
    }
}
