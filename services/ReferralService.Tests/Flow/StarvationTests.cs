using System.Diagnostics;
using System.Net;
using System.Text;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>A partner that hangs fills its own places: the others' referrals go on, and the process still stops quickly.</summary>
public sealed class StarvationTests
{
    private static readonly DateTimeOffset Day = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Hanging = TimeSpan.FromMinutes(10);

    [Test]
    public async Task An_EHR_that_hangs_keeps_no_other_EHRs_notices_waiting()
    {
        await using var hanging = await SandboxEhr.StartAsync();
        await using var ehr = await SandboxEhr.StartAsync();
        await using var east = await SandboxConsultant.StartAsync();
        hanging.Faults.Add(new Fault { Method = "GET", Path = "^/ServiceRequest", Delay = Hanging, Times = null });
        var settings = Settings(ehr, east);
        settings["Ehrs:main:NotificationSecret"] = settings["Ehrs:stuck:NotificationSecret"] = "s3cret-of-this-test";
        settings["Recipients:east:Matches:0"] = $"{ehr.Base}/Organization/uro-east";
        settings["Ehrs:stuck:BaseUrl"] = hanging.Base;
        settings["Ehrs:stuck:PollInterval"] = "00:00:00";
        await using var service = await RunningService.StartAsync(settings);
        for (var i = 0; i < 20; i++)
        {
            await HintAsync(service, "stuck", $"ServiceRequest/stuck-{i}");
        }

        await HintAsync(service, "main", WriteOrder(ehr, seed: 11));

        await service.UntilAsync(await service.UntilListedAsync(1), "delivered");
        Assert.That(east.Effects.All, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_recipient_that_hangs_keeps_no_other_recipients_referrals_waiting()
    {
        await using var ehr = await SandboxEhr.StartAsync();
        await using var hanging = await SandboxConsultant.StartAsync();
        await using var west = await SandboxConsultant.StartAsync();
        hanging.Faults.Add(new Fault { Method = "PUT,POST", Delay = Hanging, Times = null });
        var settings = Settings(ehr, hanging);
        settings["Recipients:west:BaseUrl"] = west.Base;
        settings["Flow:MaxInFlight"] = "4";
        settings["Flow:PerRecipient"] = "2";
        await using var service = await RunningService.StartAsync(settings);
        for (var seed = 1; seed <= 6; seed++)
        {
            await service.SubmitAsync(WriteOrder(ehr, seed), "east");
        }

        var id = await service.SubmitAsync(WriteOrder(ehr, seed: 11), "west");

        await service.UntilAsync(id, "delivered");
        Assert.That(west.Effects.All, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task The_process_stops_quickly_while_a_recipient_hangs()
    {
        await using var ehr = await SandboxEhr.StartAsync();
        await using var hanging = await SandboxConsultant.StartAsync();
        hanging.Faults.Add(new Fault { Method = "PUT,POST", Delay = Hanging, Times = null });
        var service = await RunningService.StartAsync(Settings(ehr, hanging));
        var id = await service.SubmitAsync(WriteOrder(ehr, seed: 11), "east");
        while ((await service.ShowAsync(id)).GetProperty("state").GetString() != "delivering")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        var began = Stopwatch.GetTimestamp();
        await service.DisposeAsync();

        Assert.That(Stopwatch.GetElapsedTime(began), Is.LessThan(TimeSpan.FromSeconds(10)));
    }

    private static Dictionary<string, string> Settings(SandboxEhr ehr, SandboxConsultant east) => new()
    {
        ["Ehrs:main:BaseUrl"] = ehr.Base,
        ["Ehrs:main:PollInterval"] = "00:00:00",
        ["Recipients:east:BaseUrl"] = east.Base,
        ["Recipients:east:Matches:0"] = "Organization/uro-east",
        ["Recipients:east:Form"] = "Document",
        ["Delivery:AttemptTimeout"] = "00:05:00",
    };

    private static string WriteOrder(SandboxEhr ehr, int seed)
    {
        var story = SecondOpinionCase.Create(seed, Day, CasePerformer.UrologyEast);
        ehr.Load(story.Record);
        return ehr.Write(Encoding.UTF8.GetString(story.Order.Utf8.Span));
    }

    private static async Task HintAsync(RunningService service, string ehr, string order)
    {
        using var hint = new HttpRequestMessage(HttpMethod.Put, $"/fhir/notify/{ehr}/{order}") { Headers = { { "Authorization", "Bearer s3cret-of-this-test" } } };
        using var answer = await service.Http.SendAsync(hint);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
    }
}
