using System.Text;
using System.Text.Json.Nodes;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>Our clock and the EHR's are minutes or a day apart.</summary>
internal sealed class ClockSkewTests : WalkScene
{
    [TestCase(5)]
    [TestCase(-5)]
    [TestCase(24 * 60)]
    [TestCase(-24 * 60)]
    [Fault("T01")]
    public async Task Orders_written_after_the_first_start_are_found_by_polling_and_those_before_are_left_alone(int minutes)
    {
        // Two hours old by the EHR's clock: older than the overlap, younger than a day.
        Ehr.Load(Order(seed: 1, TimeProvider.System.GetUtcNow().AddHours(-2)));
        await using var service = await RunningService.StartAsync(
            Settings(("Ehrs:main:PollInterval", "00:00:01")), new ShiftedClock(TimeSpan.FromMinutes(minutes)));

        var later = new List<string>();
        for (var seed = 2; seed < 4; seed++)
        {
            later.Add(Ehr.Write(Order(seed, null)));
            await service.UntilAsync(await service.UntilListedAsync(seed - 1), "delivered");
        }

        var orders = (await service.ListAsync()).Select(r => r.GetProperty("serviceRequest").GetString());
        Assert.Multiple(() =>
        {
            Assert.That(orders, Is.EquivalentTo(later));
            Assert.That(East.Effects.All, Has.Count.EqualTo(2));
        });
    }

    /// <summary>Loads a young man's record; his order, last changed then.</summary>
    private string Order(int seed, DateTimeOffset? lastUpdated)
    {
        var story = SecondOpinionCase.Create(seed, Day, CasePerformer.UrologyEast);
        Ehr.Load(story.Record);
        var order = JsonNode.Parse(Encoding.UTF8.GetString(story.Order.Utf8.Span))!.AsObject();
        if (lastUpdated is { } at)
        {
            order["meta"] = new JsonObject { ["versionId"] = "1", ["lastUpdated"] = at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null) };
        }

        return order.ToJsonString();
    }
}
