using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ReferralService.Terminal;
using ReferralService.Tests.Architecture;

namespace ReferralService.Tests.Deploy;

/// <summary>deploy/Dockerfile against the repository: no container engine runs here, so what it refers to is looked up.</summary>
public sealed partial class DockerfileTests
{
    private static readonly string Text = File.ReadAllText(DeployFiles.At("Dockerfile")).Replace("\\\n", " ", StringComparison.Ordinal);

    [Test]
    public void The_SDK_is_the_one_that_global_json_names()
    {
        using var global = JsonDocument.Parse(File.ReadAllText(Path.Combine(RoomTests.Root, "global.json")));
        var version = global.RootElement.GetProperty("sdk").GetProperty("version").GetString();

        Assert.That(Image("SDK"), Is.EqualTo($"mcr.microsoft.com/dotnet/sdk:{version}-noble"));
        Assert.That(Image("RUNTIME"), Does.StartWith($"mcr.microsoft.com/dotnet/aspnet:{Version.Parse(version!).ToString(2)}-"));
    }

    [Test]
    public void Whatever_is_copied_is_there_and_reaches_the_builder()
    {
        var sources = Copies().Where(copy => copy.From is null).SelectMany(copy => copy.Sources).ToList();

        Assert.That(sources, Has.Count.GreaterThan(10));
        Assert.That(sources.Where(source => !Path.Exists(Path.Combine(RoomTests.Root, source))), Is.Empty, "not in the repository");
        Assert.That(sources.Where(source => !LetIn().Any(name => source == name || source.StartsWith(name + "/", StringComparison.Ordinal))), Is.Empty, "kept back by .dockerignore");
    }

    [Test]
    public void Every_project_that_the_service_is_made_of_is_restored_from_its_lock_file()
    {
        var copied = Copies().SelectMany(copy => copy.Sources).ToHashSet();

        foreach (var project in Closure("services/ReferralService/ReferralService.csproj"))
        {
            Assert.That(copied, Does.Contain(project).And.Contains(Path.GetDirectoryName(project) + "/packages.lock.json"));
            Assert.That(copied.Where(source => project.StartsWith(source + "/", StringComparison.Ordinal)), Is.Not.Empty, $"the sources of {project}");
        }

        Assert.That(Text, Does.Contain("dotnet restore services/ReferralService --locked-mode").And.Contain("--no-restore"));
    }

    [Test]
    public void What_a_project_builds_in_from_elsewhere_is_copied_too()
    {
        var copied = Copies().SelectMany(copy => copy.Sources).ToList();
        var elsewhere = Closure("services/ReferralService/ReferralService.csproj").SelectMany(project => XDocument.Load(Path.Combine(RoomTests.Root, project)).Descendants()
            .SelectMany(item => (item.Attribute("Include")?.Value ?? "").Split(';')).Where(path => path.StartsWith("../", StringComparison.Ordinal))
            .Select(path => Path.GetRelativePath(RoomTests.Root, Path.GetFullPath(Path.Combine(RoomTests.Root, Path.GetDirectoryName(project)!, path))))).ToList();

        Assert.That(elsewhere, Is.Not.Empty);
        Assert.That(elsewhere.Where(path => !copied.Any(source => path.StartsWith(source + "/", StringComparison.Ordinal))), Is.Empty);
    }

    [Test]
    public void What_is_taken_from_a_stage_is_taken_from_one_that_exists()
    {
        var stages = Stage().Matches(Text).Select(stage => stage.Groups[1].Value).ToList();

        Assert.That(Copies().Select(copy => copy.From).OfType<string>().Distinct(), Is.Not.Empty.And.SubsetOf(stages));
    }

    [Test]
    public void It_runs_the_service_as_nobody_in_particular_and_asks_it_by_a_verb_that_it_has()
    {
        var last = Text.Split("\nFROM ")[^1];
        var program = typeof(ReferralHost).Assembly.GetName().Name + ".dll";

        Assert.Multiple(() =>
        {
            Assert.That(Regex.Match(last, @"^USER (\d+):(\d+)$", RegexOptions.Multiline).Groups[1].Value, Is.EqualTo("1654"));
            Assert.That(last, Does.Contain($"ENTRYPOINT [\"dotnet\", \"{program}\"]"));
            Assert.That(StartWords.Verbs, Does.Contain(Regex.Match(last, $"CMD \\[\"dotnet\", \"{Regex.Escape(program)}\", \"(\\w+)\"\\]").Groups[1].Value));
            Assert.That(last, Does.Not.Contain("\nRUN "), "a chiselled image has no shell");
        });
    }

    [Test]
    public void With_nothing_but_a_key_the_image_starts_and_without_one_it_does_not()
    {
        using var settings = new DeployedSettings();
        var role = new Dictionary<string, string> { ["Api__Keys__ops__Role"] = "operator" };

        Assert.That(settings.Faults(DeployedSettings.OfImage().Concat(role).ToDictionary(), ["Api__Keys__ops__Secret"]), Is.Empty);
        Assert.That(settings.Faults(DeployedSettings.OfImage(), []), Has.One.StartsWith("Api:Keys:"));
    }

    private static string Image(string argument) => Regex.Match(Text, $"^ARG {argument}=(.+)$", RegexOptions.Multiline).Groups[1].Value;

    private static IEnumerable<(string? From, string[] Sources)> Copies() => Copy().Matches(Text).Select(copy =>
    {
        var words = copy.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var from = words.FirstOrDefault(word => word.StartsWith("--from=", StringComparison.Ordinal));
        return (from?["--from=".Length..], words.Where(word => !word.StartsWith("--", StringComparison.Ordinal)).SkipLast(1).ToArray());
    });

    private static IEnumerable<string> LetIn()
        => File.ReadLines(Path.Combine(RoomTests.Root, ".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]);

    private static HashSet<string> Closure(string project)
    {
        var all = new HashSet<string> { project };
        foreach (var reference in XDocument.Load(Path.Combine(RoomTests.Root, project)).Descendants("ProjectReference"))
        {
            var path = Path.Combine(RoomTests.Root, Path.GetDirectoryName(project)!, reference.Attribute("Include")!.Value);
            all.UnionWith(Closure(Path.GetRelativePath(RoomTests.Root, Path.GetFullPath(path))));
        }

        return all;
    }

    [GeneratedRegex(@"^COPY (.+)$", RegexOptions.Multiline)]
    private static partial Regex Copy();

    [GeneratedRegex(@"^FROM .* AS (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Stage();
}
