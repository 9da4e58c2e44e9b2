using System.Net;
using System.Net.Http.Headers;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Deploy;

/// <summary>Settings in files of their own, as container engines and systemd hand over secrets.</summary>
public sealed class SecretFilesTests
{
    private const string Secret = "a-secret-of-a-file-1";

    private string _folder = "";

    [SetUp]
    public void Make() => _folder = Directory.CreateTempSubdirectory("referral-secrets-").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task A_key_that_stands_in_a_file_opens_the_api_and_the_line_break_behind_it_is_none_of_its()
    {
        Write("Api__Keys__watch__Secret", Secret + "\n");
        Write("Api__Keys__watch__Role", "viewer");
        await using var service = await RunningService.StartAsync(new Dictionary<string, string> { ["SecretsFolder"] = _folder });

        using var without = await service.Http.GetAsync(new Uri("/api/partners", UriKind.Relative));
        service.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Secret);
        using var with = await service.Http.GetAsync(new Uri("/api/partners", UriKind.Relative));

        Assert.That((without.StatusCode, with.StatusCode), Is.EqualTo((HttpStatusCode.Unauthorized, HttpStatusCode.OK)));
    }

    [Test]
    public void A_file_counts_before_the_command_line()
    {
        Write("Ledger__Provider", "no-such-provider");

        Assert.That(Faults($"--SecretsFolder={_folder}", "--Ledger:Provider=Sqlite"), Has.One.StartsWith("Ledger:Provider:"));
    }

    [Test]
    public void A_file_that_is_named_like_no_setting_stops_the_start_by_its_key_and_its_content_is_not_repeated()
    {
        Write("Bus__RabitMq", "amqp://referral-service:the-password@broker/");

        var faults = Faults($"--SecretsFolder={_folder}");

        Assert.That(faults, Has.One.StartsWith("Bus:RabitMq: is no setting"));
        Assert.That(string.Concat(faults), Does.Not.Contain("the-password"));
    }

    [Test]
    public void Where_a_value_comes_from_is_told()
    {
        Write("Bus__RabbitMq", "amqp://referral-service:the-password@broker/");

        var (builder, _, _) = ReferralHost.Prepare([$"--SecretsFolder={_folder}"], TimeProvider.System);

        Assert.That(new SettingSources(builder.Configuration).Of("Bus:RabbitMq"), Is.EqualTo("secret file"));
    }

    [Test]
    public void A_folder_that_is_not_there_stops_the_start()
        => Assert.That(Faults($"--SecretsFolder={Path.Combine(_folder, "none")}"), Has.One.StartsWith("SecretsFolder: names no folder"));

    private static IReadOnlyList<string> Faults(params string[] words)
        => Assert.Throws<SettingsException>(() => ReferralHost.Build(words, TimeProvider.System))!.Faults;

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder, name), content);
}
