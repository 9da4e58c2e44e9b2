using System.Net.Http.Json;
using System.Text.Json;
using ReferralService.AcceptanceTests.Flow;
using ReferralService.Sandbox.Consultant;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Kills;

/// <summary>Killed at a moment of a step: the next life finishes it with one effect, and nothing that was half done is ever seen.</summary>
[Parallelizable]
public sealed class StepKillTests
{
    [Test]
    [Fault("K05")]
    public async Task Killed_with_a_lease_and_nothing_pulled()
    {
        await using var service = await KilledService.StartAsync("K05:kill@1", await Scene.StartAsync());
        var id = await SubmitAndDieAsync(service);

        Assert.That(service.Scene.Ehr.Requests.All, Is.Empty);
        await service.LiveAgainAsync();
        await service.DeliveredOnceAsync(id);
    }

    /// <summary>The first page, the second, one near the end.</summary>
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(12)]
    [Fault("K06")]
    public async Task Killed_in_the_middle_of_a_page_and_the_package_is_as_whole_as_ever(int page)
    {
        await using var service = await KilledService.StartAsync($"K06:kill@{page}", await Scene.StartAsync(), ("Gathering:PageSize", "10"));
        var id = await SubmitAndDieAsync(service);
        Assert.That(service.Scene.Consultant.Effects.All, Is.Empty);
        await service.LiveAgainAsync();
        await service.DeliveredOnceAsync(id);

        var sent = await service.Replica.Http.GetFromJsonAsync<JsonElement>($"/api/referrals/{id}/manifest");
        using var asked = await service.Replica.Http.PostAsJsonAsync("/api/referrals/preview", new { ehr = "main", serviceRequest = Order, recipient = "east" });
        var unharmed = await asked.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(Sources(sent), Is.EquivalentTo(Sources(unharmed)).And.Not.Empty);
        Assert.That(Missing(sent), Is.EquivalentTo(Missing(unharmed)));
    }

    [Test]
    [Fault("K07")]
    public async Task Killed_with_the_record_pulled_and_nothing_kept_sends_nothing_and_pulls_again()
    {
        await using var service = await KilledService.StartAsync("K07:kill@1", await Scene.StartAsync());
        var id = await SubmitAndDieAsync(service);
        var pulls = service.Scene.Ehr.Requests.CountOf("GET", "/Patient/");

        Assert.That(Writes(service), Is.Zero);
        await service.LiveAgainAsync();
        await service.DeliveredOnceAsync(id);
        Assert.That(service.Scene.Ehr.Requests.CountOf("GET", "/Patient/"), Is.GreaterThan(pulls));
    }

    [TestCase(1, TestName = "Killed with the Bundle half written or whole and not completed")]
    [TestCase(2, TestName = "Killed with a later part of the package written and not completed")]
    [Fault("K08")]
    public async Task Killed_with_a_part_of_the_package_written_and_not_completed(int chunk)
    {
        await using var service = await KilledService.StartAsync($"K08:kill@{chunk}", await Scene.StartAsync());
        var id = await SubmitAndDieAsync(service);
        await using (var left = await LedgerLeftBehind.OpenAsync(service.Replica.LedgerFile))
        {
            Assert.That(await left.CountAsync("SELECT count(*) FROM package_part WHERE completed_at IS NULL"), Is.Zero, "a part as small as this is written with its completion, or not at all");
            Assert.That(await left.CountAsync("SELECT count(*) FROM referral WHERE package_id IS NOT NULL"), Is.Zero, "and nothing names it");
        }

        await DeliveredAndCleanAsync(service, id, orphans: chunk - 1);
    }

    [Test]
    [Fault("K08")]
    public async Task Killed_between_the_chunks_of_a_large_package_leaves_a_part_that_nothing_names_and_that_is_purged()
    {
        await using var service = await KilledService.StartAsync("K08:kill@3", await Scene.StartAsync(), ("Vault:Compress", "false"));
        var id = await SubmitAndDieAsync(service, Lengthened);
        await using (var left = await LedgerLeftBehind.OpenAsync(service.Replica.LedgerFile))
        {
            Assert.That(await left.CountAsync("SELECT count(*) FROM package_part WHERE completed_at IS NULL"), Is.EqualTo(1), "half written");
            Assert.That(await left.CountAsync("SELECT count(*) FROM referral WHERE package_id IS NOT NULL"), Is.Zero, "and nothing names it");
        }

        await DeliveredAndCleanAsync(service, id, orphans: 1);
    }

    [Test]
    [Fault("K09")]
    public async Task Killed_with_the_package_committed_sends_those_bytes_and_no_others()
    {
        await using var service = await KilledService.StartAsync("K09:kill@1", await Scene.StartAsync());
        var id = await SubmitAndDieAsync(service);
        string? digest;
        await using (var left = await LedgerLeftBehind.OpenAsync(service.Replica.LedgerFile))
        {
            digest = await left.PackageDigestAsync();
        }

        Assert.That(Writes(service), Is.Zero);
        await service.LiveAgainAsync();
        await service.DeliveredOnceAsync(id);
        Assert.That(service.Scene.Consultant.Effects.All.Single().Digest, Is.EqualTo(digest));
    }

    [TestCase(true, TestName = "Killed with half of a PUT sent")]
    [TestCase(false, TestName = "Killed with half of a POST sent")]
    [Fault("K10")]
    public async Task Killed_with_half_of_the_body_sent_has_no_effect_until_the_whole_is_sent(bool updateCreate)
    {
        await using var service = await KilledService.StartAsync("K10:kill@1", await Scene.StartAsync(new SandboxConsultantOptions { UpdateCreate = updateCreate }));
        var id = await SubmitAndDieAsync(service);

        Assert.That(service.Scene.Consultant.Effects.All, Is.Empty);
        await service.LiveAgainAsync();
        await service.DeliveredOnceAsync(id);
    }

    [TestCase("K11", true, TestName = "Killed with the answer to a PUT there and not read")]
    [TestCase("K11", false, TestName = "Killed with the answer to a POST there and not read")]
    [TestCase("K12", true, TestName = "Killed with the answer to a PUT read and not written down")]
    [TestCase("K12", false, TestName = "Killed with the answer to a POST read and not written down")]
    [Fault("K11")]
    [Fault("K12")]
    public async Task Killed_after_the_recipients_commit_finds_the_package_there_and_where(string point, bool updateCreate)
    {
        await using var service = await KilledService.StartAsync($"{point}:kill@1", await Scene.StartAsync(new SandboxConsultantOptions { UpdateCreate = updateCreate }));
        var id = await SubmitAndDieAsync(service);
        Assert.That(service.Scene.Consultant.Effects.All, Has.Count.EqualTo(1));

        await service.LiveAgainAsync();
        var shown = await service.DeliveredOnceAsync(id);

        var detail = shown.GetProperty("timeline").EnumerateArray().Single(line => line.GetProperty("event").GetString() == "delivered").GetProperty("detail");
        Assert.That((detail.GetProperty("by").GetString(), detail.GetProperty("location").GetString()), Is.EqualTo(("probe", service.Scene.Consultant.Effects.All.Single().Key)));
    }

    /// <summary>Whether an attempt was made is written before its first byte: where the recipient can prove nothing, that alone keeps the next life from sending a second time.</summary>
    [TestCase("K11")]
    [TestCase("K12")]
    [Fault("K11")]
    [Fault("K12")]
    public async Task Killed_after_the_commit_of_a_recipient_that_proves_nothing_is_held_and_not_sent_again(string point)
    {
        await using var service = await KilledService.StartAsync($"{point}:kill@1", await Scene.StartAsync(SandboxConsultantOptions.Of(ConsultantCharacter.Nothing)));
        var id = await SubmitAndDieAsync(service);

        await service.LiveAgainAsync();
        var held = await service.Replica.UntilStateAsync(id, "held");

        Assert.That(held.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("delivery-unknown"));
        Assert.That((service.Scene.Consultant.Effects.All.Count, Writes(service)), Is.EqualTo((1, 1)));
    }

    private const int Seed = 6;

    private string Order { get; set; } = "";

    private static IEnumerable<string?> Sources(JsonElement manifest) => manifest.GetProperty("included").EnumerateArray().Select(one => one.GetProperty("source").GetString());

    private static IEnumerable<string> Missing(JsonElement manifest) => manifest.GetProperty("omitted").EnumerateArray().Select(one => one.ToString());

    private static int Writes(KilledService service) => service.Scene.Consultant.Requests.CountOf("PUT", "/") + service.Scene.Consultant.Requests.CountOf("POST", "/");

    /// <summary>The next life delivers once, and two days later the upkeep takes what the first one left.</summary>
    /// <param name="orphans">Parts at least that no referral came to name.</param>
    private static async Task DeliveredAndCleanAsync(KilledService service, string id, int orphans)
    {
        await service.LiveAgainAsync();
        var digest = (await service.DeliveredOnceAsync(id)).GetProperty("package").GetProperty("digest").GetString();
        await service.Replica.StopAsync();

        await using var later = await LedgerLeftBehind.OpenAsync(service.Replica.LedgerFile, after: TimeSpan.FromDays(2));
        var purged = await later.PurgeOrphansAsync();
        Assert.Multiple(async () =>
        {
            Assert.That(purged, Is.GreaterThanOrEqualTo(orphans), "what was whole or half written, and that no referral came to name");
            Assert.That(await later.CountAsync("SELECT count(*) FROM package_part WHERE completed_at IS NULL"), Is.Zero);
            Assert.That(await later.CountAsync("SELECT count(*) FROM package_chunk c WHERE NOT EXISTS (SELECT 1 FROM package_part p WHERE p.number = c.part)"), Is.Zero);
            Assert.That(await later.PackageDigestAsync(), Is.EqualTo(digest), "what was sent is still there");
        });
    }

    /// <summary>An order so long that its package has several chunks.</summary>
    private static string Lengthened(string resource) => resource.Contains("\"resourceType\":\"ServiceRequest\"", StringComparison.Ordinal)
        ? $$"""{{resource[..^1]}},"patientInstruction":"{{new string('x', 1_000_000)}}"}"""
        : resource;

    private async Task<string> SubmitAndDieAsync(KilledService service, Func<string, string>? change = null)
    {
        Order = service.Scene.WriteOrder(Seed, change);
        var id = await service.Replica.SubmitAsync(Order, "east");
        await service.DiesAsync();
        return id;
    }
}
