using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Terminal;
using ReferralService.Tests.Delivery;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Doctor;

/// <summary>What somebody may have set wrongly, each made on purpose: one line names it and says what mends it. Those of the broker are in the acceptance tests.</summary>
internal sealed class MisconfigurationTests : DoctorScene
{
    [Test]
    public async Task An_address_that_nobody_listens_at()
        => AssertNamed(await ExamineAsync(("Ehrs:main:BaseUrl", $"http://127.0.0.1:{FreePort()}/fhir")), "^FAIL  ehr +main +nothing answers at its address  → .*Ehrs:main:BaseUrl");

    [Test]
    public async Task A_certificate_that_nobody_vouches_for()
    {
        using var certificate = SelfSigned(fromDay: -1, days: 30);
        await using var server = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 200), listen => listen.UseHttps(certificate));

        AssertNamed(await ExamineAsync(("Recipients:east:BaseUrl", server.Base)), "^FAIL  recipient +east +no authority that this machine trusts vouches for its certificate");
        Assert.That(server.Requests, Is.Zero);
    }

    [Test]
    public async Task A_certificate_that_has_expired()
    {
        using var certificate = SelfSigned(fromDay: -30, days: 10);
        await using var server = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 200), listen => listen.UseHttps(certificate));

        AssertNamed(await ExamineAsync(("Ehrs:main:BaseUrl", server.Base)), @"^FAIL  ehr +main +its certificate has expired \(\d{4}-\d\d-\d\d\)");
    }

    [Test]
    public async Task A_wrong_token()
    {
        await using var guarded = await SandboxEhr.StartAsync(new SandboxEhrOptions { BearerToken = "the-right-one" });
        await using var consultant = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { BearerToken = "the-right-one" });

        var typed = await ExamineAsync(
            ("Ehrs:main:BaseUrl", guarded.Base), ("Ehrs:main:Auth:Kind", "Bearer"), ("Ehrs:main:Auth:Token", Secret),
            ("Recipients:east:BaseUrl", consultant.Base), ("Recipients:east:Auth:Kind", "Bearer"), ("Recipients:east:Auth:Token", Secret));

        AssertNamed(typed, @"^FAIL  ehr +main +it refuses our credentials \(401\)  → correct Ehrs:main:Auth");
        AssertNamed(typed, @"^FAIL  recipient +east +it refuses our credentials \(401\)  → correct Recipients:east:Auth");
    }

    [TestCase(404, "text/plain", "there is no FHIR server at that path \\(404\\)")]
    [TestCase(200, "text/html", "what answers there is no FHIR server")]
    [TestCase(302, "text/html", "it answers with a redirect")]
    public async Task A_path_that_is_not_the_FHIR_base(int status, string type, string said)
    {
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            context.Response.Headers.Location = "/elsewhere";
            return context.Response.WriteAsync("<html>");
        });

        AssertNamed(await ExamineAsync(("Ehrs:main:BaseUrl", $"{server.Origin}fhir")), $"^FAIL  ehr +main +{said}.*  → .*Ehrs:main:BaseUrl");
    }

    [TestCase("""{"resourceType":"CapabilityStatement","fhirVersion":"3.0.2","rest":[]}""", "speaks FHIR 3.0.2; this service speaks R4")]
    [TestCase("""{"resourceType":"Conformance","fhirVersion":"1.0.2"}""", "it answers with another resource than was asked for \\(DSTU2")]
    public async Task A_server_of_an_older_FHIR(string statement, string said)
    {
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            context.Response.ContentType = "application/fhir+json";
            return context.Response.WriteAsync(statement);
        });

        AssertNamed(await ExamineAsync(("Ehrs:main:BaseUrl", $"{server.Origin}fhir")), $"^FAIL  ehr +main +{said}");
    }

    [Test]
    public async Task A_recipient_that_takes_neither_Bundles_nor_transactions()
    {
        await using var closed = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { StoresBundles = false, Transactions = TransactionMode.None });

        AssertNamed(await ExamineAsync(("Recipients:east:BaseUrl", closed.Base)), "^FAIL  recipient +east +takes neither a Bundle to store nor a transaction.*Recipients:east:Form");
    }

    [Test]
    public async Task A_database_that_cannot_be_made_there()
        => AssertNamed(await ExamineAsync(("Ledger:ConnectionString", "Data Source=/proc/referrals/referrals.db")), "^FAIL  database +sqlite +nothing can be written in /proc  → check Ledger:ConnectionString");

    [Test]
    public async Task A_file_that_is_no_database()
    {
        await File.WriteAllTextAsync(LedgerFile, new string('x', 8192));

        AssertNamed(await ExamineAsync(), "^FAIL  database +sqlite +it is no SQLite database, or damaged");
    }

    [Test]
    public async Task A_folder_that_may_be_mistyped()
        => AssertNamed(await ExamineAsync(("Ledger:ConnectionString", $"Data Source={Folder}/dtaa/referrals.db")), "^warn  database +sqlite +there is no folder .*/dtaa; the first start makes it", ExitCodes.Done);

    [Test]
    public async Task A_clock_that_is_ten_minutes_off()
    {
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            context.Response.Headers.Date = TimeProvider.System.GetUtcNow().AddMinutes(10).ToString("R");
            context.Response.ContentType = "application/fhir+json";
            return context.Response.WriteAsync("""{"resourceType":"CapabilityStatement","fhirVersion":"4.0.1"}""");
        });

        AssertNamed(await ExamineAsync(("Recipients:east:BaseUrl", $"{server.Origin}fhir"), ("Recipients:east:Form", "Document")), "^FAIL  recipient +east +Its clock differs from ours by (600|601|599) s  → Find out which is wrong");
    }

    [Test]
    public async Task A_PublicUrl_that_leads_elsewhere()
    {
        await using var other = await ScriptedServer.StartAsync(context => context.Response.WriteAsync("<html>"));
        (string, string)[] subscribes = [("Ehrs:main:Subscribe", "R4"), ("Ehrs:main:NotificationSecret", Secret)];

        var elsewhere = await ExamineAsync([.. subscribes, ("PublicUrl", other.Origin.ToString())]);
        var nowhere = await ExamineAsync([.. subscribes, ("PublicUrl", $"http://127.0.0.1:{FreePort()}")]);

        AssertNamed(elsewhere, "^FAIL  address +PublicUrl +does not lead to this service, so no hook arrives.*  → set PublicUrl");
        AssertNamed(nowhere, "^warn  address +PublicUrl +does not lead to this service: .*; the service does not run now", ExitCodes.Done);
    }

    [TestCase("Hold", "FAIL", ExitCodes.Failed)]
    [TestCase("UseDefault", "warn", ExitCodes.Done)]
    public async Task An_EHR_that_refuses_the_search_for_Consents(string unread, string standing, int code)
    {
        Ehr.Faults.Add(new Fault { Method = "GET", Path = "^/Consent", Status = 403, Times = null });

        AssertNamed(await ExamineAsync(("Consent:WhenUnread", unread)), $"^{standing}  ehr +main +does not let us read Consents.*have read and search on Consent given", code);
    }

    [Test]
    public async Task A_key_file_that_all_can_read()
    {
        var file = await KeyFileAsync(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        AssertNamed(await ExamineAsync(("Vault:KeyFile", file)), @"^FAIL  settings +all +Vault:KeyFile \(from command line\)  → can be read or changed by others.*chmod 600", ExitCodes.Misused);
    }

    [Test]
    public async Task A_key_that_the_ledger_needs_and_nobody_has()
    {
        var file = await KeyFileAsync(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using (await RunningService.StartAsync(Settings(("Ledger:ConnectionString", $"Data Source={LedgerFile}"), ("Vault:KeyFile", file))))
        {
            // Its start makes k1 known to the ledger.
        }

        AssertNamed(await ExamineAsync(), "^FAIL  vault +keys +Vault:KeyFile is not set, and packages of this ledger are to be encrypted \\(it knows key k1\\)");
    }

    [Test]
    public async Task Two_recipients_that_the_same_identifier_means()
        => AssertNamed(
            await ExamineAsync(("Recipients:east:Matches:1", "urn:oid:1.2.3|7"), ("Recipients:west:Matches:1", "urn:oid:1.2.3|7")),
            @"^FAIL  settings +all +Recipients:west:Matches:1 \(from command line\)  → also stands at recipient east", ExitCodes.Misused);

    [Test]
    public async Task A_webhook_that_nobody_receives()
        => AssertNamed(
            await ExamineAsync(("Webhooks:tracker:Url", $"http://127.0.0.1:{FreePort()}/events"), ("Webhooks:tracker:Secret", $"whsec_{Convert.ToBase64String(new byte[32])}")),
            "^FAIL  webhook +tracker +its receiver cannot be reached  → nothing answers at Webhooks:tracker:Url");

    [Test]
    public async Task An_identity_provider_that_is_not_there()
        => AssertNamed(
            await ExamineAsync(("Api:Oidc:Authority", $"http://127.0.0.1:{FreePort()}/realm"), ("Api:Oidc:Audience", "referrals"), ("Api:Oidc:Roles:Viewer:0", "staff")),
            "^FAIL  sign-in +provider +its /.well-known/openid-configuration cannot be read  → see that Api:Oidc:Authority");

    [TestCase("Polling", "Polling")]
    [TestCase("Delivery:Dedline", "Delivery:Dedline")]
    [TestCase("Delivry", "Delivry")]
    public async Task A_key_that_is_no_setting(string key, string named)
        => AssertNamed(await ExamineAsync((key, "1")), $@"^FAIL  settings +all +{named} \(from command line\)  → is no setting", ExitCodes.Misused);

    private async Task<string> KeyFileAsync(UnixFileMode mode)
    {
        Assume.That(OperatingSystem.IsWindows(), Is.False, "modes are Unix's");
        var file = Path.Combine(Folder, "vault.keys");
        await File.WriteAllTextAsync(file, $"k1 {Convert.ToBase64String(new byte[32])}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, mode);
        return file;
    }
}
