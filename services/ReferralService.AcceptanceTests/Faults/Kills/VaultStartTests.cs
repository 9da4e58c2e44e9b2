using ReferralService.AcceptanceTests.Flow;
using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Faults.Kills;

/// <summary>Settings that lost their keys do not start on a ledger that needs them.</summary>
public sealed class VaultStartTests
{
    [Test]
    public async Task Without_its_key_the_service_ends_with_3_and_says_which_key_and_how_many_packages()
    {
        var keys = Directory.CreateTempSubdirectory("vault-start-");
        var file = Path.Combine(keys.FullName, "vault.keys");
        await File.WriteAllTextAsync(file, $"k1 {Convert.ToBase64String(new byte[32])}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        await using var scene = await Scene.StartAsync();
        await using var first = await ServiceReplica.StartNewAsync(scene.Settings(("Vault:KeyFile", file)));
        await first.UntilStateAsync(await first.SubmitAsync(scene.WriteOrder(seed: 1), "east"), "delivered");
        await first.KillAsync();
        await using var second = new ServiceReplica(scene.Settings(("Ledger:ConnectionString", $"Data Source={first.LedgerFile}")));

        second.Launch();
        var code = await second.ExitedAsync();
        keys.Delete(recursive: true);

        Assert.That(code, Is.EqualTo(3));
        Assert.That(second.Output, Does.Contain("ReferralService does not start: Vault:KeyFile is not set, and the ledger holds encrypted packages: 3 parts under key k1.").And.Not.Contain("Unhandled"));
    }
}
