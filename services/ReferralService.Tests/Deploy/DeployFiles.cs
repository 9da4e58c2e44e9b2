using System.Diagnostics;
using System.Text.Json.Nodes;
using ReferralService.Tests.Architecture;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ReferralService.Tests.Deploy;

/// <summary>The files under <c>deploy/</c>, and the programs that know their forms.</summary>
internal static class DeployFiles
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);

    public static string Folder { get; } = Path.Combine(RoomTests.Root, "deploy");

    public static string At(params string[] path) => Path.Combine([Folder, .. path]);

    /// <summary>Every document of a YAML file, merge keys carried out; every scalar as text.</summary>
    public static IReadOnlyList<JsonNode> Yaml(params string[] path)
    {
        using var text = File.OpenText(At(path));
        var stream = new YamlStream();
        stream.Load(text);
        return [.. stream.Documents.Select(document => Node(document.RootNode)!)];
    }

    public static string Text(this JsonNode? node) => node is JsonValue value ? value.GetValue<string>() : throw new FormatException($"{node?.ToJsonString() ?? "null"} is no scalar");

    public static IEnumerable<string> Texts(this JsonNode? list) => list?.AsArray().Select(item => item.Text()) ?? [];

    /// <summary>The test is ignored, and says so, where the program is not.</summary>
    public static string Need(string program, string why)
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        if (found is null) Assert.Ignore($"{program} is not on this machine: {why}");
        return found!;
    }

    public static (int Code, string Output) Run(string program, IEnumerable<string> words, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, words) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(Ceiling))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} did not end in {Ceiling}.");
        }

        return (process.ExitCode, string.Concat(said.GetAwaiter().GetResult()));
    }

    private static JsonNode? Node(YamlNode node) => node switch
    {
        YamlMappingNode mapping => Mapping(mapping),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(Node)]),
        YamlScalarNode { Value: null or "" } empty when empty.Style == ScalarStyle.Plain => null,
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => throw new FormatException($"line {node.Start.Line}: more YAML than is read here"),
    };

    private static JsonObject Mapping(YamlMappingNode mapping)
    {
        var members = new JsonObject();
        foreach (var (key, value) in mapping.Children.OrderByDescending(child => ((YamlScalarNode)child.Key).Value == "<<"))
        {
            if (((YamlScalarNode)key).Value is not "<<" and { } name)
            {
                members[name] = Node(value);
                continue;
            }

            // Taken over; what stands beside it counts before it.
            foreach (var (inherited, node) in Mapping((YamlMappingNode)value).ToList()) members[inherited] = node?.DeepClone();
        }

        return members;
    }
}
