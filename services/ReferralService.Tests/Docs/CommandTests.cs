using ReferralService.Tests.Architecture;

namespace ReferralService.Tests.Docs;

/// <summary>Every command in the documents is run by a test, or the document says that it is not. After a wanted change: REFERRAL_WRITE_CONTRACTS=1 dotnet test services/ReferralService.Tests --filter CommandTests</summary>
public sealed class CommandTests
{
    private static readonly string Page = Path.Combine(RoomTests.Root, "docs", "commands.md");

    [Test]
    public void Every_command_in_the_documents_is_in_the_list_and_no_other()
    {
        Assert.That(DocCommands.All, Has.Count.GreaterThan(30), "the documents were read");
        Assert.That(CommandBook.All.Select(entry => entry.Text), Is.Unique);
        Assert.That(DocCommands.All.Select(command => command.Text).Distinct(), Is.EquivalentTo(CommandBook.All.Select(entry => entry.Text)));
    }

    [Test]
    public void A_block_that_no_test_runs_says_so_and_none_says_so_of_what_only_a_test_could()
    {
        var runBy = CommandBook.All.ToLookup(entry => entry.Text, entry => entry.RunBy);

        Assert.That(DocCommands.All.Where(command => command.Block && !command.NotRun && runBy[command.Text].All(by => by is null)).Where(command => command.Page != "docs/faults.md"), Is.Empty, "write bash not-run above it");
    }

    [Test]
    public void Who_is_said_to_run_a_command_is_there()
    {
        var sources = new[] { "ReferralService.Tests", "ReferralService.AcceptanceTests" }
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(RoomTests.Root, "services", project), "*Tests.cs", SearchOption.AllDirectories))
            .Select(file => Path.GetFileNameWithoutExtension(file)).ToHashSet();

        Assert.That(CommandBook.All.Select(entry => entry.RunBy).OfType<string>().Where(by => !sources.Contains(by) && !File.Exists(Path.Combine(RoomTests.Root, by))), Is.Empty);
        Assert.That(CommandBook.All.Where(entry => entry.RunBy is null && entry.Note.Length == 0), Is.Empty, "why does nobody run it?");
    }

    [Test]
    public void The_page_of_commands_is_made_from_the_list()
    {
        if (Environment.GetEnvironmentVariable("REFERRAL_WRITE_CONTRACTS") == "1") File.WriteAllText(Page, Written());

        Assert.That(File.ReadAllText(Page), Is.EqualTo(Written()), "see this fixture's summary");
    }

    /// <summary>Proof that a command is found wherever it stands.</summary>
    [TestCase("```bash\ncurl -s x\n```", "curl -s x")]
    [TestCase("```\ndotnet run \\\n  --project y   # a comment\n```", "dotnet run --project y")]
    [TestCase("Type `(umask 077; echo z)` there.", "(umask 077; echo z)")]
    [TestCase("`REFERRAL_X=1 dotnet test q`", "REFERRAL_X=1 dotnet test q")]
    public void A_command_is_found(string text, string command) => Assert.That(DocCommands.Of("page.md", text).Select(found => found.Text), Is.EqualTo(new[] { command }));

    [TestCase("`GET /api/referrals`, `Bus:RabbitMq`, `docker`")]
    [TestCase("```json\n{ \"a\": 1 }\n```")]
    public void What_is_none_is_not(string text) => Assert.That(DocCommands.Of("page.md", text), Is.Empty);

    private static string Written()
    {
        var where = DocCommands.All.ToLookup(command => command.Text, command => command.Page);
        return $"""
            # Commands in these documents

            Generated (`CommandTests`). A test finds every command in README.md, docs/ and deploy/README.md; each is run by the test named here, or it is not run, and why stands beside it. In the documents a block of commands that no test runs is headed `bash not-run`.

            ## Run
            | command | in | by |
            | --- | --- | --- |
            {string.Join('\n', Rows(run: true))}

            ## Not run
            | command | in | why |
            | --- | --- | --- |
            {string.Join('\n', Rows(run: false))}

            """;

        IEnumerable<string> Rows(bool run) => CommandBook.All.Where(entry => entry.RunBy is not null == run)
            .Select(entry => $"| `{entry.Text.Replace("|", "\\|", StringComparison.Ordinal)}` | {string.Join(", ", where[entry.Text].Distinct())} | {(run ? $"`{entry.RunBy}`{(entry.Note.Length > 0 ? ": " : "")}" : "")}{entry.Note} |");
    }
}
