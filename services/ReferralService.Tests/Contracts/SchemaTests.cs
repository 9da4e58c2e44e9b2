namespace ReferralService.Tests.Contracts;

/// <summary>contracts/schemas is what the records say. After a wanted change: REFERRAL_WRITE_CONTRACTS=1 dotnet test services/ReferralService.Tests --filter SchemaTests</summary>
[TestFixture]
internal sealed class SchemaTests
{
    private static readonly bool Write = Environment.GetEnvironmentVariable("REFERRAL_WRITE_CONTRACTS") == "1";

    [Test]
    public void The_schemas_in_the_repository_are_those_of_the_records()
    {
        var generated = SchemaGenerator.All();
        if (Write)
        {
            Rewrite(generated);
        }

        var kept = Directory.GetFiles(ContractFiles.Schemas).ToDictionary(file => Path.GetFileName(file), File.ReadAllText);

        Assert.That(kept, Is.EquivalentTo(generated), "the records and contracts/schemas differ; see this fixture's summary");
    }

    private static void Rewrite(IReadOnlyDictionary<string, string> generated)
    {
        foreach (var file in Directory.GetFiles(ContractFiles.Schemas))
        {
            File.Delete(file);
        }

        foreach (var (name, content) in generated)
        {
            File.WriteAllText(Path.Combine(ContractFiles.Schemas, name), content);
        }
    }
}
