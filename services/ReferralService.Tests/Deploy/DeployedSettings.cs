using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ReferralService.Tests.Deploy;

/// <summary>The settings that a deployment gives the service, tried on the service itself: whatever it would refuse at its start is a fault of the deployment.</summary>
internal sealed partial class DeployedSettings : IDisposable
{
    public const string Mounted = "/run/secrets";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("referral-deployed-");

    /// <summary>Where <c>secrets.sh</c>, run for real, has made its files.</summary>
    public string Secrets => Path.Combine(_folder.FullName, "secrets");

    public DeployedSettings() => MakeSecrets();

    /// <summary>Settings of the image itself: ENV in the Dockerfile's last stage.</summary>
    public static IReadOnlyDictionary<string, string> OfImage()
    {
        var last = File.ReadAllText(DeployFiles.At("Dockerfile")).Split("\nFROM ")[^1];
        return EnvLine().Matches(last.Replace("\\\n", " ", StringComparison.Ordinal)).SelectMany(line => Pair().Matches(line.Groups[1].Value))
            .ToDictionary(pair => pair.Groups[1].Value, pair => pair.Groups[2].Value.Trim('"'));
    }

    public void MakeSecrets()
    {
        var (code, output) = DeployFiles.Run("sh", [DeployFiles.At("secrets.sh"), _folder.FullName]);
        Assert.That(code, Is.Zero, output);
    }

    /// <param name="environment">By the names of variables.</param>
    /// <param name="secrets">Only these are mounted; null: all.</param>
    /// <param name="settingsFile">appsettings.json, if there is one.</param>
    /// <returns>What the service would refuse to start with, and what it would merely not know.</returns>
    public IReadOnlyList<string> Faults(IReadOnlyDictionary<string, string> environment, IReadOnlyCollection<string>? secrets = null, string? settingsFile = null)
    {
        var mounted = Directory.CreateDirectory(Path.Combine(_folder.FullName, Path.GetRandomFileName()));
        foreach (var name in secrets ?? [.. Directory.GetFiles(Secrets).Select(file => Path.GetFileName(file))])
        {
            if (!File.Exists(Path.Combine(Secrets, name))) return [$"secret {name} is not made by secrets.sh"];
            File.Copy(Path.Combine(Secrets, name), Path.Combine(mounted.FullName, name));
        }

        var words = environment.Where(variable => !IsRuntimes(variable.Key))
            .Select(variable => (Key: variable.Key.Replace("ASPNETCORE_", "", StringComparison.Ordinal).Replace("__", ":", StringComparison.Ordinal), variable.Value))
            .Select(setting => $"--{setting.Key}={setting.Value.Replace(Mounted, mounted.FullName, StringComparison.Ordinal)}");
        try
        {
            using var app = ReferralHost.Build([.. words, .. FileSettings(settingsFile)], TimeProvider.System) as IDisposable;
            return [.. environment.Keys.Where(key => !IsRuntimes(key) && !IsOurs(key)).Select(key => $"{key} is in no section of the service's")];
        }
        catch (SettingsException refused)
        {
            return refused.Faults;
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Of .NET's runtime and its tools: no settings of a program.</summary>
    private static bool IsRuntimes(string variable) => variable.StartsWith("DOTNET_", StringComparison.Ordinal);

    /// <summary>Root keys that nobody asks for are left to the machine and so refused by nobody: they must be known here.</summary>
    private static bool IsOurs(string variable)
        => variable.Contains("__", StringComparison.Ordinal) || variable is "SecretsFolder" or "PublicUrl" or "ASPNETCORE_URLS" or "ASPNETCORE_HTTP_PORTS";

    private static IEnumerable<string> FileSettings(string? file)
        => file is null ? [] : Flat("", JsonNode.Parse(File.ReadAllText(file)));

    private static IEnumerable<string> Flat(string path, JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Flat(path.Length == 0 ? member.Key : $"{path}:{member.Key}", member.Value)),
        JsonArray items => items.SelectMany((item, index) => Flat($"{path}:{index}", item)),
        _ => [$"--{path}={node}"],
    };

    [GeneratedRegex(@"^ENV (.*)$", RegexOptions.Multiline)]
    private static partial Regex EnvLine();

    [GeneratedRegex("""(\w+)=("[^"]*"|\S*)""")]
    private static partial Regex Pair();
}
