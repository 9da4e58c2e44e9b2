using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using ReferralService.Terminal;
using ReferralService.Tests.Flow;
using ReferralService.Tests.Terminal;

namespace ReferralService.Tests.Doctor;

/// <summary>The verb as it is typed, over the sandbox's partners, with a folder of its own for ledger and spool.</summary>
internal abstract class DoctorScene : WalkScene
{
    /// <summary>Nowhere in what is said may this be.</summary>
    protected const string Secret = "s3cret-that-nobody-may-see";

    protected string Folder { get; private set; } = "";

    protected string LedgerFile => Path.Combine(Folder, "referrals.db");

    [SetUp]
    public void MakeFolder() => Folder = Directory.CreateTempSubdirectory("referral-doctor-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(Folder, recursive: true);

    /// <param name="more">Settings beside, or in place of, those of sound partners.</param>
    protected Task<Typed> ExamineAsync(params (string Key, string Value)[] more) => ExamineAsync([], more);

    protected async Task<Typed> ExamineAsync(string[] words, (string Key, string Value)[] more, string url = "http://127.0.0.1:1")
    {
        var settings = Settings(more);
        settings.TryAdd("Ledger:ConnectionString", $"Data Source={LedgerFile}");
        settings.TryAdd("Gathering:SpoolFolder", Path.Combine(Folder, "spool"));
        var typed = await Typed.RunAsync(["doctor", .. words, .. settings.Where(s => s.Value.Length > 0).Select(s => $"--{s.Key}={s.Value}")], url: url);
        Assert.That(typed.Output + typed.Errors, Does.Not.Contain(Secret));
        return typed;
    }

    /// <summary>The one line that begins so and says what is expected and what to do.</summary>
    protected static void AssertNamed(Typed typed, string line, int code = ExitCodes.Failed)
    {
        var named = typed.Output.Split('\n').Where(said => Regex.IsMatch(said, line)).ToList();
        Assert.That(named, Has.Count.EqualTo(1), typed.Output + typed.Errors);
        Assert.That(named[0], Does.Match(@"  → \S"));
        Assert.That(typed.Code, Is.EqualTo(code), typed.Output);
    }

    protected static string[] Failed(Typed typed) => [.. typed.Output.Split('\n').Where(line => line.StartsWith("FAIL", StringComparison.Ordinal))];

    protected static int FreePort()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        return ((IPEndPoint)taken.LocalEndpoint).Port;
    }

    protected static X509Certificate2 SelfSigned(int fromDay, int days)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var from = TimeProvider.System.GetUtcNow().AddDays(fromDay);
        using var made = request.CreateSelfSigned(from, from.AddDays(days));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
