using System.Text.RegularExpressions;
using ReferralService.Sandbox.Demo;

namespace ReferralService.Tests.Sandbox;

/// <summary>What lies about in the shell that starts the demo is not the demo's.</summary>
internal sealed partial class ServiceProcessTests
{
    [TestCase("urls")]
    [TestCase("URLS")]
    [TestCase("ASPNETCORE_URLS")]
    [TestCase("DOTNET_URLS")]
    [TestCase("ASPNETCORE_HTTP_PORTS")]
    [TestCase("DOTNET_ENVIRONMENT")]
    [TestCase("Kestrel__Endpoints__a__Url")]
    [TestCase("PublicUrl")]
    [TestCase("Flow__MaxInFlight")]
    [TestCase("DOTNET_Flow__MaxInFlight")]
    [TestCase("intake__MaxConnections")]
    public void A_setting_of_the_service_is_not_passed_on(string variable) => Assert.That(ServiceProcess.IsSetting(variable), Is.True);

    [TestCase("PATH")]
    [TestCase("HOME")]
    [TestCase("DOTNET_ROOT")]
    [TestCase("DOTNET_HOST_PATH")]
    [TestCase("FLOW")]
    public void Everything_else_is(string variable) => Assert.That(ServiceProcess.IsSetting(variable), Is.False);

    [Test]
    public void Every_section_of_the_documented_settings_is_known()
    {
        var text = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "interfaces.md"));
        var sections = Section().Matches(text).Select(m => m.Groups[1].Value).Distinct().ToList();

        Assert.That(sections, Is.SupersetOf(new[] { "Ledger", "Flow", "Intake", "Consent" }));
        Assert.That(sections.Where(s => !ServiceProcess.IsSetting($"{s}__Any")), Is.Empty);
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "docs", "interfaces.md"))) folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex("^\\| `([A-Z][A-Za-z]+):", RegexOptions.Multiline)]
    private static partial Regex Section();
}
