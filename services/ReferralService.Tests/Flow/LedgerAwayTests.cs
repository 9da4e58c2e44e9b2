using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using ReferralService.Ledger;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>The database takes nothing for a while, in the middle of a step.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class LedgerAwayTests
{
    private static readonly DateTimeOffset Day = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The recipient can only be posted to: what was not read from its answer cannot be found out.</summary>
    [TestCase(1, TestName = "{m}(longer than the renewed lease)")]
    [TestCase(5, TestName = "{m}(from before the answer)")]
    public async Task An_answer_that_comes_while_the_ledger_is_away_is_written_when_it_is_back(int answersAfter)
    {
        await using var ehr = await SandboxEhr.StartAsync();
        await using var east = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { UpdateCreate = false });
        east.Faults.Add(new Fault { Method = "PUT,POST", Delay = TimeSpan.FromSeconds(answersAfter) });
        await using var service = await RunningService.StartAsync(new Dictionary<string, string>
        {
            ["Ehrs:main:BaseUrl"] = ehr.Base, ["Ehrs:main:PollInterval"] = "00:00:00", ["Recipients:east:BaseUrl"] = east.Base, ["Recipients:east:Form"] = "Document",
            ["Recipients:east:Idempotency"] = "None", ["Flow:Lease"] = "00:00:02",
        });
        var story = SecondOpinionCase.Create(seed: 11, Day, CasePerformer.UrologyEast);
        ehr.Load(story.Record);
        var id = await service.SubmitAsync(ehr.Write(Encoding.UTF8.GetString(story.Order.Utf8.Span)), "east");
        await UntilAsync(async () => (await service.ShowAsync(id)).GetProperty("state").GetString() == "delivering");

        // Begun before the answer comes, and longer than a writer waits twice (5 s): for the group before it, and for its own turn.
        await using (var other = new SqliteConnection(service.Services.GetRequiredService<LedgerOptions>().ConnectionString))
        {
            await other.OpenAsync();
            await using var held = other.BeginTransaction(deferred: false);
            await Task.Delay(TimeSpan.FromSeconds(answersAfter + 11), TimeProvider.System);
        }

        var shown = await service.UntilAsync(id, "delivered");
        var delivered = shown.GetProperty("timeline").EnumerateArray().Single(line => line.GetProperty("event").GetString() == "delivered");
        Assert.That(delivered.GetProperty("detail").GetProperty("by").GetString(), Is.EqualTo("answer"), "written down, not asked for again");
        Assert.That(east.Effects.All, Has.Count.EqualTo(1));
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ceiling.Token);
        }
    }
}
