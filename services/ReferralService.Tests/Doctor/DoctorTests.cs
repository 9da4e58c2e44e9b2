using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;
using ReferralService.Tests.Terminal;

namespace ReferralService.Tests.Doctor;

/// <summary>What the doctor does where nothing is wrong, and that it leaves nothing behind.</summary>
internal sealed class DoctorTests : DoctorScene
{
    [Test]
    public async Task Sound_partners_pass_and_nothing_is_changed_anywhere()
    {
        WriteCase(CasePerformer.UrologyEast);
        var written = East.Effects.All.Count;

        var typed = await ExamineAsync();

        Assert.Multiple(() =>
        {
            Assert.That(typed.Code, Is.Zero, typed.Output);
            Assert.That(Failed(typed), Is.Empty);
            Assert.That(typed.Output, Does.Match(@"pass  ehr +main +speaks FHIR 4\.0\.1").And.Match(@"pass  recipient +east +gets a document by PUT /Bundle/id")
                .And.Match(@"pass  ehr +main +lets us search for Consents").And.Match(@"\d+ passed, \d+ to look at, 0 failed\n$"));
            Assert.That(East.Effects.All, Has.Count.EqualTo(written));
            Assert.That(Directory.EnumerateFileSystemEntries(Folder), Is.Empty, "no ledger, no spool, no scratch");
        });
    }

    [Test]
    public async Task Beside_a_running_service_it_takes_nothing_from_it()
    {
        await using var service = await RunningService.StartAsync(Settings(("Ledger:ConnectionString", $"Data Source={LedgerFile}")));
        var url = service.Http.BaseAddress!.ToString();

        var typed = await ExamineAsync([], [("PublicUrl", url), ("Ehrs:main:Subscribe", "R4"), ("Ehrs:main:NotificationSecret", Secret)], url);
        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast));
        await service.UntilAsync(id, "delivered");

        Assert.That(typed.Output, Does.Match(@"pass  database +sqlite +.*a running service has it").And.Match("pass  address +PublicUrl +leads to this service").And.Match(@"pass  service +127\.0\.0\.1:\d+ +runs, and says how it is"));
        Assert.That(Failed(typed), Is.Empty, typed.Output);
        Assert.That(Directory.EnumerateFiles(Folder, ".referral-doctor-*"), Is.Empty);
    }

    [Test]
    public async Task A_running_service_that_wants_a_key_is_said_to_run_and_what_it_says_of_itself_is_not_told()
    {
        await using var service = await RunningService.StartAsync(Settings(("Api:Keys:ops:Secret", Secret), ("Api:Keys:ops:Role", "viewer")));

        var typed = await ExamineAsync([], [], service.Http.BaseAddress!.ToString());

        AssertNamed(typed, @"^warn  service +127\.0\.0\.1:\d+ +runs; what it says of itself is not told without a key  → put a key of role viewer into REFERRAL_SERVICE_KEY", code: 0);
    }

    [Test]
    public async Task Json_has_every_finding_with_its_remedy()
    {
        var typed = await ExamineAsync(["--json"], [("Ehrs:main:BaseUrl", $"http://127.0.0.1:{FreePort()}/fhir")]);

        using var report = JsonDocument.Parse(typed.Output);
        var failed = report.RootElement.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("status").GetString() == "fail");
        Assert.That(report.RootElement.GetProperty("status").GetString(), Is.EqualTo("fail"));
        Assert.That((failed.GetProperty("area").GetString(), failed.GetProperty("name").GetString(), failed.GetProperty("code").GetString()), Is.EqualTo(("ehr", "main", "unreachable")));
        Assert.That(failed.GetProperty("remedy").GetString(), Does.Contain("Ehrs:main:BaseUrl"));
    }

    [Test]
    public async Task Settings_are_explained_with_their_sources_and_secrets_hidden()
    {
        var typed = await ExamineAsync(
            ["--explain"], [("Ehrs:main:NotificationSecret", Secret), ("Bus:RabbitMq", $"amqp://user:{Secret}@127.0.0.1:1/vhost"), ("Api:Keys:ops:Secret", Secret), ("Api:Keys:ops:Role", "viewer")]);
        var explained = await Typed.RunAsync(["config", "explain", $"--Ehrs:main:BaseUrl={Ehr.Base}"]);

        Assert.That(typed.Output, Does.Match(@"Ehrs:main:NotificationSecret +command line +\(hidden\)").And.Match(@"Delivery:Deadline +default +-").And.Match(@"Bus:RabbitMq +command line +amqp://\(hidden\)@127\.0\.0\.1:1/vhost"));
        Assert.That(explained.Code, Is.Zero, explained.Errors);
        Assert.That(explained.Output, Does.Contain(Ehr.Base));
    }

    [Test]
    public async Task A_partner_that_hangs_is_named_in_time()
    {
        var began = TimeProvider.System.GetTimestamp();
        await using var silent = await ScriptedServer.StartAsync(context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));

        AssertNamed(await ExamineAsync(("Ehrs:main:BaseUrl", $"{silent.Origin}fhir")), "^FAIL  ehr +main +gave no answer in 8 s");

        Assert.That(TimeProvider.System.GetElapsedTime(began), Is.LessThan(TimeSpan.FromSeconds(12)), "under ten seconds, and what a busy machine needs");
    }

    [Test]
    public async Task A_service_that_hangs_over_its_own_health_is_not_waited_for_longer_than_all_else()
    {
        var began = TimeProvider.System.GetTimestamp();
        await using var hangs = await ScriptedServer.StartAsync(context => context.Request.Path == "/health/detail"
            ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted)
            : context.Response.WriteAsync("""{"resourceType":"CapabilityStatement","fhirVersion":"4.0.1","software":{"name":"ReferralService"},"format":["json"],"rest":[]}""", context.RequestAborted));

        var typed = await ExamineAsync([], [], hangs.Origin.ToString());

        AssertNamed(typed, @"^warn  service +127\.0\.0\.1:\d+ +runs; what it says of itself could not be asked", code: 0);
        Assert.That(TimeProvider.System.GetElapsedTime(began), Is.LessThan(TimeSpan.FromSeconds(13)), "under ten seconds, and what a busy machine needs");
    }

    [TestCase("frobnicate", "\"frobnicate\" is no word it knows")]
    [TestCase("--PublicUrl", "--PublicUrl has no value")]
    public async Task Words_that_mean_nothing_are_refused(string word, string said)
    {
        var typed = await Typed.RunAsync(["doctor", word]);

        Assert.That((typed.Code, typed.Output), Is.EqualTo((2, "")));
        Assert.That(typed.Errors, Does.Contain(said));
    }
}
