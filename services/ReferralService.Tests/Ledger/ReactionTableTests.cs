using System.Text;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Contracts;

namespace ReferralService.Tests.Ledger;

/// <summary>The table of docs/interfaces.md, "States", printed from the code and compared word for word.</summary>
public sealed class ReactionTableTests
{
    [Test]
    public void The_table_in_code_is_the_table_of_the_interfaces()
    {
        var table = Print();

        TestContext.Out.WriteLine(table);
        Assert.That(File.ReadAllText(Path.Combine(ContractFiles.Folder, "..", "docs", "interfaces.md")), Does.Contain($"\n\n{table}\n"));
    }

    private static string Print()
    {
        var triggers = Enum.GetValues<Trigger>();
        var text = new StringBuilder("| situation | ").AppendJoin(" | ", triggers).Append(" |\n| --- |");
        foreach (var _ in triggers)
        {
            text.Append(" --- |");
        }

        text.Append('\n');
        foreach (var situation in Enum.GetValues<Situation>())
        {
            text.Append("| ").Append(situation).Append(" | ").AppendJoin(" | ", triggers.Select(t => ReactionTable.Of(situation, t))).Append(" |\n");
        }

        return text.ToString();
    }
}
