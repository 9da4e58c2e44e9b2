using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;
using ReferralService.Gathering;
using ReferralService.Intake;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering;

internal sealed class PartnerWatchTests
{
    private static readonly Uri Base = new("https://ehr.example.org/fhir");

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(15);

    [Test]
    public void One_odd_Date_among_the_last_does_not_move_what_is_known_of_a_partners_clock()
    {
        var (clock, contacts) = (new ManualTimeProvider(), new PartnerContacts());
        var watch = new PartnerWatch("main", Base, PartnerKind.Ehr, contacts, clock);

        foreach (var ahead in new[] { 90, 90, -4000, 91, 90 })
        {
            clock.Advance(TimeSpan.FromSeconds(2));
            watch.ToldTime(clock.GetUtcNow().AddSeconds(ahead));
        }

        Assert.That(contacts.Of(PartnerKind.Ehr, "main").ClockSkew, Is.EqualTo(TimeSpan.FromSeconds(90.5)));
        Assert.That(contacts.Of(PartnerKind.Ehr, "main").ClockSeen, Is.EqualTo(clock.GetUtcNow()));
    }

    [Test]
    public async Task The_Date_of_an_answer_is_noticed_whatever_the_answer()
    {
        var (clock, contacts) = (new ManualTimeProvider(), new PartnerContacts());
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            context.Response.StatusCode = 404;
            context.Response.Headers.Date = clock.GetUtcNow().AddSeconds(-300).ToString("R", CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });
        using var http = Watched(server.Origin, contacts, clock);

        using var answer = await http.GetAsync(new Uri(server.Origin, "/Patient/1"));

        Assert.That(contacts.Of(PartnerKind.Recipient, "east").ClockSkew, Is.EqualTo(TimeSpan.FromSeconds(-299.5)));
    }

    [Test]
    public async Task A_server_that_takes_the_question_and_says_nothing_makes_a_bad_minute()
    {
        var (clock, contacts) = (new ManualTimeProvider(), new PartnerContacts());
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            clock.Advance(Idle);
            return NothingUntilAbortedAsync(context);
        });
        using var http = Watched(server.Origin, contacts, clock);
        var client = new FhirClient(http, server.Origin, new FhirClientOptions { IdleTimeout = Idle }, clock);

        Assert.That(
            async () => await client.CapabilitiesAsync(CancellationToken.None),
            Throws.InstanceOf<FhirRequestException>().With.Property(nameof(FhirRequestException.Code)).EqualTo(RequestCode.Timeout));

        Assert.That(contacts.LastHour(PartnerKind.Recipient, "east", clock.GetUtcNow()).Sum(minute => minute.Bad), Is.EqualTo(1));
    }

    [Test]
    public async Task What_we_gave_up_ourselves_says_nothing_of_the_partner()
    {
        var (clock, contacts) = (new ManualTimeProvider(), new PartnerContacts());
        using var given = new CancellationTokenSource();
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            await given.CancelAsync();
            await NothingUntilAbortedAsync(context);
        });
        using var http = Watched(server.Origin, contacts, clock);
        var client = new FhirClient(http, server.Origin, new FhirClientOptions { IdleTimeout = Idle }, clock);

        Assert.That(async () => await client.CapabilitiesAsync(given.Token), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(contacts.LastHour(PartnerKind.Recipient, "east", clock.GetUtcNow()), Is.Empty);
    }

    [Test]
    public void A_server_of_files_says_nothing_of_the_EHRs_clock()
    {
        var (clock, contacts) = (new ManualTimeProvider(), new PartnerContacts());

        PartnerWatch.OfFiles("main", Base, clock).ToldTime(clock.GetUtcNow().AddDays(1));

        Assert.That(contacts.Of(PartnerKind.Ehr, "main").ClockSkew, Is.Null);
    }

    [TestCase("https://ehr.example.org/fhir/metadata", "metadata")]
    [TestCase("https://ehr.example.org/fhir/Observation?patient=Patient/jane-doe", "Observation")]
    [TestCase("https://ehr.example.org/fhir/Observation/_search", "Observation")]
    [TestCase("https://ehr.example.org/fhir/Patient/jane-doe", "Patient/{id}")]
    [TestCase("https://ehr.example.org/fhir/Patient/jane-doe/_history/2", "Patient/{id}/…")]
    [TestCase("https://ehr.example.org/fhir/Patient/$match", "Patient/operation")]
    [TestCase("https://ehr.example.org/fhir/jane-doe", "other")]
    [TestCase("https://ehr.example.org/fhir?_getpages=jane-doe", "base")]
    [TestCase("https://ehr.example.org/files/jane-doe.pdf", "other")]
    public void What_is_asked_for_is_told_without_who_is_meant(string url, string expected)
        => Assert.That(RequestShape.Of(new Uri(url), Base), Is.EqualTo(expected));

    private static HttpClient Watched(Uri origin, PartnerContacts contacts, TimeProvider clock) => PartnerHttp.Open(
        origin, new PartnerAuth(), 1, new EgressGuard("east", origin, [], NullLogger.Instance),
        new PartnerWatch("east", origin, PartnerKind.Recipient, contacts, clock));

    private static async Task NothingUntilAbortedAsync(HttpContext context)
    {
        var aborted = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(aborted.SetResult);
        await aborted.Task;
    }
}
