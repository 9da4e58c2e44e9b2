namespace ReferralService.Tests.Intake;

/// <summary>Settings that are in the wrong place or shape stop the start, each by its key.</summary>
public sealed class MisplacedSettingsTests
{
    [TestCase("Ehrs:main:Auth", "Bearer", "Ehrs:main:Auth: is a section", TestName = "A value where a section belongs")]
    [TestCase("Recipients:r:Matches", "Organization/1", "Recipients:r:Matches: is a list", TestName = "A value where a list belongs")]
    [TestCase("Recipient:a:BaseUrl", "http://127.0.0.1:1/fhir", "Recipient: is no section; Recipients is meant", TestName = "A section without its last letter")]
    [TestCase("Delivry:Deadline", "1.00:00:00", "Delivry: is no section; Delivery is meant", TestName = "A section misspelt")]
    [TestCase("Ehrs:main:Auth:Token", "abc", "Ehrs:main:Auth:Kind: is None, but a secret is given", TestName = "A token that nothing would send")]
    [TestCase("Ehrs:main:Auth:Password", "…", "Ehrs:main:Auth:Password: cannot travel", TestName = "A secret that cannot be a header")]
    public void Is_refused(string key, string value, string fault)
    {
        string[] args = ["--Ehrs:main:BaseUrl=http://127.0.0.1:1/fhir", "--Recipients:r:BaseUrl=http://127.0.0.1:2/fhir", $"--{key}={value}"];

        var refused = Assert.Throws<SettingsException>(() => ReferralHost.Build(args, TimeProvider.System));

        Assert.That(refused!.Faults, Has.Some.StartWith(fault));
        Assert.That(refused.Faults, Has.None.Contains(value.Length > 3 && key.Contains("Auth:", StringComparison.Ordinal) ? value : "\0"));
    }
}
