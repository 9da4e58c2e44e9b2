using System.Security.Cryptography;
using ReferralService.Ledger;

namespace ReferralService.Tests.Ledger;

internal sealed class VaultKeyFileTests
{
    private static readonly string One = Key(1);
    private static readonly string Other = Key(2);

    private string _file = "";

    [SetUp]
    public void MakeFile() => _file = Path.Combine(Directory.CreateTempSubdirectory("vault-keys-").FullName, "vault.keys");

    [TearDown]
    public void DropFile() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    [Test]
    public void The_first_key_encrypts_and_all_are_known()
    {
        var (keys, faults) = Read($"# made in a test\n\n  k2 {One}  \r\nk1\t{Other}\n");

        Assert.Multiple(() =>
        {
            Assert.That(faults, Is.Empty);
            Assert.That(keys.Ids, Is.EqualTo(new[] { "k2", "k1" }));
            Assert.That(keys.Current, Is.EqualTo("k2"));
            Assert.That(keys.SharedWithGroup, Is.False);
        });
    }

    [Test]
    public void Every_faulty_line_is_named_and_none_is_repeated()
    {
        var secret = One[..20];
        var (_, faults) = Read($"k1 {One}\nk1 {Other}\nk2 {One}\nk3 {secret}\n{Other} k4\nk5\nk6 {Convert.ToBase64String(new byte[16])}\n");

        Assert.That(faults, Is.EqualTo(new[]
        {
            "line 2: the key's id stands in an earlier line, too",
            "line 3: the key itself stands in an earlier line, too, under another id",
            "line 4: the key must be 32 bytes in base64 (44 characters)",
            "line 5: the key's id must be 1 to 40 of A-Z a-z 0-9 . _ -",
            "line 6: must be <key-id> <base64 of 32 bytes>",
            "line 7: the key must be 32 bytes in base64 (44 characters)",
        }));
    }

    [Test]
    public void A_file_without_a_key_is_a_fault() => Assert.That(Read("# none\n").Faults.Single(), Does.StartWith("holds no key"));

    [TestCase(UnixFileMode.GroupWrite)]
    [TestCase(UnixFileMode.OtherRead)]
    [TestCase(UnixFileMode.OtherWrite)]
    public void A_file_that_strangers_can_read_or_change_is_refused(UnixFileMode open)
    {
        var (keys, faults) = Read($"k1 {One}\n", open);

        Assert.That(faults.Single(), Does.StartWith("can be read or changed by others"));
        Assert.That(keys.Current, Is.Null);
    }

    [Test]
    public void A_file_that_its_group_can_read_is_taken_and_told_of() => Assert.That(Read($"k1 {One}\n", UnixFileMode.GroupRead).Keys.SharedWithGroup);

    [Test]
    public void A_folder_is_no_key_file()
    {
        var faults = new List<string>();
        VaultKeyFile.Read(Path.GetDirectoryName(_file)!, inClear: false, faults.Add);

        Assert.That(faults.Single(), Is.EqualTo("is a folder; give the key file in it"));
    }

    [Test]
    public void A_file_that_is_not_there_is_a_fault_in_our_own_words()
    {
        var faults = new List<string>();
        VaultKeyFile.Read(_file, inClear: false, faults.Add);
        VaultKeyFile.Read(Path.Combine(_file, "deeper"), inClear: false, faults.Add);
        VaultKeyFile.Read("nul\0byte", inClear: false, faults.Add);

        Assert.That(faults, Has.Count.EqualTo(3));
        Assert.That(faults, Has.None.Contain("Exception").And.None.Contain("Parameter"));
        Assert.That(faults[0], Does.StartWith("is not there"));
    }

    [Test]
    public void A_person_can_have_no_key_encrypt()
    {
        File.WriteAllText(_file, $"k1 {One}\n");
        var keys = VaultKeyFile.Read(WithMode(_file), inClear: true, _ => Assert.Fail());

        Assert.That((keys.Current, keys.Has("k1")), Is.EqualTo(((string?)null, true)));
    }

    [Test]
    public void A_check_value_is_of_the_key_alone_and_is_not_the_key()
    {
        var keys = new VaultKeys([("k1", new byte[32]), ("k2", [.. Enumerable.Repeat((byte)1, 32)])]);
        var others = new VaultKeys([("k9", new byte[32])]);

        Assert.That(keys.CheckValue("k1"), Has.Length.EqualTo(32).And.EqualTo(others.CheckValue("k9")).And.Not.EqualTo(keys.CheckValue("k2")));
        Assert.That(keys.CheckValue("k1"), Is.Not.EqualTo(new string('0', 32)));
    }

    private static string Key(int seed) => Convert.ToBase64String(SHA256.HashData([(byte)seed]));

    private (VaultKeys Keys, List<string> Faults) Read(string text, UnixFileMode more = UnixFileMode.None)
    {
        File.WriteAllText(_file, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.UserWrite | more);
        }

        var faults = new List<string>();
        return (VaultKeyFile.Read(_file, inClear: false, faults.Add), faults);
    }

    private static string WithMode(string file)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return file;
    }
}
