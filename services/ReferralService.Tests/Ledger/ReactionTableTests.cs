using System.Text;
using ReferralService.Ledger.Transitions;

namespace ReferralService.Tests.Ledger;

/// <summary>The table of docs/interfaces.md, "States", printed from the code and compared word for word.</summary>
public sealed class ReactionTableTests
{
    private const string Expected = """
        | situation | Retry | Cancel | OrderMoved | OrderRevoked |
        | --- | --- | --- | --- | --- |
        | Received | DueNow | Cancel | GatherAgain | Cancel |
        | Gathering | DueNow | Cancel | GatherAgain | Cancel |
        | Packaged | DueNow | Cancel | NewPackageVersion | Cancel |
        | DeliveringIdle | DueNow | Cancel | NewPackageVersion | Cancel |
        | DeliveringOpen | RefuseInFlight | CancelPending | NotePending | CancelPending |
        | Held | ResumeByCode | Cancel | GatherAgainUnlessSettled | Cancel |
        | Failed | ResendPackage | Cancel | NewPackageVersion | Cancel |
        | Delivered | RefuseUseForward | RefuseDelivered | Note | Note |
        | Cancelled | RefuseCancelled | Nothing | ReopenIfRevoked | Nothing |

        """;

    [Test]
    public void The_table_in_code_is_the_table_of_the_interfaces()
    {
        var table = Print();

        TestContext.Out.WriteLine(table);
        Assert.That(table, Is.EqualTo(Expected.ReplaceLineEndings("\n")));
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
