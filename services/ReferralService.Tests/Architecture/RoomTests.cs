using System.Xml.Linq;

namespace ReferralService.Tests.Architecture;

/// <summary>The drawing in docs/flow.md, enforced over the sources and project files.</summary>
public sealed class RoomTests
{
    internal static readonly string Root = FindRoot();

    [Test]
    public void Rooms_name_only_what_stands_before_them()
    {
        var sources = Sources();

        Assert.That(sources, Has.Count.GreaterThan(100), "the sources were found");
        Assert.That(RoomRules.Violations(sources), Is.Empty);
    }

    /// <summary>Proof that the check above can fail.</summary>
    [TestCase("Gathering", "using ReferralService.Delivery;", "Gathering names Delivery")]
    [TestCase("Ledger", "var x = ReferralService.Flow.Backoff.Longest;", "Ledger names Flow")]
    [TestCase("Ops", "using MassTransit;", "Ops touches MassTransit")]
    [TestCase("Packaging", "using Microsoft.Data.Sqlite;", "Packaging touches SQL")]
    [TestCase("RecipientDirectory", "var x = new SocketsHttpHandler();", "RecipientDirectory touches HttpClient")]
    [TestCase("Helpers", "", "Helpers is no room of the house")]
    [TestCase("Intake", "using ReferralService.Sandbox.Ehr;", "the host names Sandbox")]
    public void A_deliberate_violation_is_found(string room, string text, string violation)
        => Assert.That(RoomRules.Violations([new RoomSource("Fixture.cs", room, text)]), Is.EqualTo(new[] { $"Fixture.cs: {violation}" }));

    [TestCase("contracts/ReferralService.Contracts/ReferralService.Contracts.csproj", TestName = "Contracts depend on nothing")]
    [TestCase("services/ReferralService.Fhir/ReferralService.Fhir.csproj", TestName = "The FHIR library depends on nothing")]
    public void Depends_on_nothing(string project) => Assert.That(References(project), Is.Empty);

    [Test]
    public void The_sandbox_shares_no_code_with_the_host_but_the_FHIR_library()
        => Assert.That(References("services/ReferralService.Sandbox/ReferralService.Sandbox.csproj").Where(r => r.EndsWith(".csproj", StringComparison.Ordinal)),
            Is.SubsetOf(new[] { "../ReferralService.Fhir/ReferralService.Fhir.csproj" }));

    private static List<RoomSource> Sources()
    {
        var host = Path.Combine(Root, "services", "ReferralService");
        return
        [
            .. Directory.EnumerateFiles(host, "*.cs", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(host, file).Replace('\\', '/'))
                .Where(file => !file.StartsWith("obj/", StringComparison.Ordinal) && !file.StartsWith("bin/", StringComparison.Ordinal))
                .Select(file => new RoomSource(file, file.Contains('/', StringComparison.Ordinal) ? file[..file.IndexOf('/', StringComparison.Ordinal)] : null, File.ReadAllText(Path.Combine(host, file)))),
        ];
    }

    private static List<string> References(string project)
        => [.. XDocument.Load(Path.Combine(Root, project)).Descendants().Where(e => e.Name.LocalName is "PackageReference" or "ProjectReference").Select(e => e.Attribute("Include")!.Value)];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "ReferralService.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
