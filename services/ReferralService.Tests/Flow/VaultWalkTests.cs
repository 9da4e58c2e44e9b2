using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using ReferralService.Ledger;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>What lies in the vault has suffered between packaging and delivery, or its key is gone: nothing wrong is sent and nothing is lost.</summary>
internal sealed class VaultWalkTests : WalkScene
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("vault-walk-").FullName;

    [TearDown]
    public void DropFolder() => Directory.Delete(_folder, recursive: true);

    [Fault("K08")]
    [TestCase(null, TestName = "A package damaged in clear is held, and a retry makes the next version")]
    [TestCase("k1", TestName = "A package damaged under its key is held, and a retry makes the next version")]
    public async Task A_damaged_package_is_never_sent(string? key)
    {
        East.Faults.Add(new Fault { Method = "PUT", Path = "^/Bundle", Status = 503, RetryAfter = "3600" });
        await using var service = await RunningService.StartAsync(WithKeys(key is null ? [] : [key]));
        var id = await DeferredAsync(service);

        // Zeroes in the middle: the length is right, and the recipient has not been shown anything yet.
        await service.Services.GetRequiredService<LedgerDatabase>().WriteAsync(
            s => s.ExecuteAsync("UPDATE package_chunk SET bytes = CAST(substr(bytes, 1, 2000) || zeroblob(1000) || substr(bytes, 3001) AS BLOB)", new Values(), CancellationToken.None),
            CancellationToken.None);
        await RetryAsync(service, id);
        var held = await service.UntilAsync(id, "held");
        var effects = East.Effects.All.Count;
        await RetryAsync(service, id);
        var delivered = await service.UntilAsync(id, "delivered");

        Assert.Multiple(() =>
        {
            Assert.That(held.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("vault-damaged"));
            Assert.That(effects, Is.Zero);
            Assert.That(delivered.GetProperty("package").GetProperty("version").GetInt32(), Is.EqualTo(2));
            Assert.That(East.Effects.All, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public async Task A_package_whose_key_is_gone_waits_for_it_and_is_then_sent_as_it_was()
    {
        East.Faults.Add(new Fault { Method = "PUT", Path = "^/Bundle", Status = 503, RetryAfter = "3600" });
        string id;
        await using (var first = await RunningService.StartAsync(WithKeys("k1")))
        {
            id = await DeferredAsync(first);
        }

        await using (var without = await RunningService.StartAsync(GivenUp("k1", WithKeys("k2"))))
        {
            await RetryAsync(without, id);
            var held = await without.UntilAsync(id, "held");
            using var shown = await without.Http.GetAsync($"/api/referrals/{id}/package");

            Assert.That(held.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("vault-key-missing"));
            Assert.That(await shown.Content.ReadAsStringAsync(), Does.Contain("\"vault-key-missing\""));
            Assert.That(East.Effects.All, Is.Empty);
        }

        await using var both = await RunningService.StartAsync(WithKeys("k2", "k1"));
        await RetryAsync(both, id);
        var delivered = await both.UntilAsync(id, "delivered");

        Assert.That(delivered.GetProperty("package").GetProperty("version").GetInt32(), Is.EqualTo(1));
        Assert.That(await both.Http.GetByteArrayAsync($"/api/referrals/{id}/package"), Is.EqualTo(East.Bytes(East.Effects.All.Single().Key)!.Value.ToArray()));
    }

    [Test]
    public async Task The_way_back_to_clear_text_keeps_what_there_is_and_sends_it_as_it_was()
    {
        East.Faults.Add(new Fault { Method = "PUT", Path = "^/Bundle", Status = 503, RetryAfter = "3600" });
        string id;
        byte[] package;
        await using (var encrypted = await RunningService.StartAsync(WithKeys("k1")))
        {
            id = await DeferredAsync(encrypted);
            package = await encrypted.Http.GetByteArrayAsync($"/api/referrals/{id}/package");
        }

        var settings = WithKeys("k1");
        settings["Vault:InClear"] = "true";
        await using (var back = await RunningService.StartAsync(settings))
        {
            await back.Services.GetRequiredService<DisclosureBook>().ResealAsync(CancellationToken.None);
            await back.Services.GetRequiredService<PackageVault>().EncryptOldAsync(CancellationToken.None);
        }

        await using var clear = await RunningService.StartAsync(WithKeys());
        await RetryAsync(clear, id);
        await clear.UntilAsync(id, "delivered");

        Assert.That(East.Bytes(East.Effects.All.Single().Key)!.Value.ToArray(), Is.EqualTo(package));
    }

    private static Dictionary<string, string> GivenUp(string key, Dictionary<string, string> settings)
    {
        settings["Vault:LostKeys:0"] = key;
        return settings;
    }

    private Dictionary<string, string> WithKeys(params string[] ids)
    {
        var settings = Settings(("Ledger:ConnectionString", $"Data Source={Path.Combine(_folder, "referrals.db")}"), ("Recipients:east:Form", "Document"));
        if (ids.Length > 0)
        {
            var file = Path.Combine(_folder, "vault.keys");
            File.WriteAllLines(file, ids.Select(id => $"{id} {Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id)))}"));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            settings["Vault:KeyFile"] = file;
        }

        return settings;
    }

    /// <summary>Packaged, and put off by a recipient that asks for patience.</summary>
    private async Task<string> DeferredAsync(RunningService service)
    {
        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");
        await UntilAsync(async () => Events(await service.ShowAsync(id)).Contains("deferred"));
        return id;
    }

    private static async Task RetryAsync(RunningService service, string id)
    {
        using var answer = await service.Http.PostAsJsonAsync($"/api/referrals/{id}/retry", new { });
        answer.EnsureSuccessStatusCode();
    }
}
