namespace ReferralService.Tests.Contracts;

/// <summary>contracts/asyncapi.yaml, by the specification's own parser, and its examples, by a validator of JSON Schema that is not ours.</summary>
[TestFixture, Category("Agreement")]
internal sealed class AsyncApiParserTests
{
    [Test]
    public async Task The_document_and_its_examples_are_valid()
    {
        var (code, output, errors) = await ContractChecks.RunAsync("asyncapi.mjs", ContractFiles.AsyncApi);

        Assert.That((code, errors), Is.EqualTo((0, "")));
        Assert.That(output, Is.EqualTo($"12 messages, {Directory.GetFiles(ContractFiles.Examples).Length} examples"));
    }

    /// <summary>Proof that the check above can fail.</summary>
    [TestCase("asyncapi.yaml", "is: routingKey", "is: nothing", "channels.statusEvents.bindings.amqp.is")]
    [TestCase("examples/status-event.held.json", "\"sequence\": 2", "\"sequence\": \"2\"", "referral.held, example held: data/sequence must be integer")]
    public async Task A_deliberate_fault_is_found(string file, string from, string to, string fault)
    {
        var copy = Directory.CreateTempSubdirectory("contracts-");
        try
        {
            foreach (var source in (string[])[ContractFiles.AsyncApi, .. Directory.GetFiles(ContractFiles.Schemas), .. Directory.GetFiles(ContractFiles.Examples)])
            {
                var target = new FileInfo(Path.Combine(copy.FullName, Path.GetRelativePath(ContractFiles.Folder, source)));
                target.Directory!.Create();
                File.Copy(source, target.FullName);
            }

            var changed = Path.Combine(copy.FullName, file);
            var text = await File.ReadAllTextAsync(changed);
            Assert.That(text, Does.Contain(from));
            await File.WriteAllTextAsync(changed, text.Replace(from, to, StringComparison.Ordinal));

            var (code, _, errors) = await ContractChecks.RunAsync("asyncapi.mjs", Path.Combine(copy.FullName, "asyncapi.yaml"));

            Assert.That(code, Is.EqualTo(1));
            Assert.That(errors, Does.Contain(fault));
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }
}
