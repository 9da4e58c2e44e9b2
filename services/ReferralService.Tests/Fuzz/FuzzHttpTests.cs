using System.Net;
using ReferralService.Tests.Intake;
using ReferralService.Tests.Ops;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Fuzz;

/// <summary>The same kind of bytes sent to the real endpoints: they answer, soon, and with 5xx only when the ledger is away.</summary>
[Fault("S10")]
[Category("Fuzz")]
public sealed class FuzzHttpTests
{
    private const int AtOnce = 16;

    /// <summary>So many posts are enough: each is a commit to the disk.</summary>
    private const long MostPosts = 50_000;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private static readonly string[] Types = ["application/fhir+json", "application/json", "application/json; charset=utf-8", "text/xml", ""];

    private IntakeHost _intake = null!;
    private OpsHost _ops = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await IntakeHost.StartAsync(("Intake:NotificationsPerSecond", "1000000"), ("Intake:RequestsPerSecond", "1000000"));
        _ops = await OpsHost.StartAsync();
    }

    [OneTimeTearDown]
    public async Task End()
    {
        await _intake.DisposeAsync();
        await _ops.DisposeAsync();
    }

    [Test]
    public async Task No_request_whatever_breaks_the_service()
    {
        long posts = Math.Min(MostPosts, FuzzRun.Share(FuzzTests.HttpWeight, FuzzTests.AllWeights));
        var notifications = Corpus.Notifications(FuzzRun.Seed);
        var answers = new int[600];
        var clock = TimeProvider.System;
        var began = clock.GetTimestamp();

        await Parallel.ForAsync(0L, posts, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, cancellationToken) =>
        {
            for (int chance = 1; ; chance++)
            {
                using var request = Request(number, notifications, out var client);
                var sent = clock.GetTimestamp();
                using var response = await client.SendAsync(request, cancellationToken);
                Assert.That((int)response.StatusCode, Is.LessThan(500).Or.EqualTo(503), () => Tell(number, notifications));
                if (clock.GetElapsedTime(sent) <= Longest)
                {
                    Interlocked.Increment(ref answers[(int)response.StatusCode]);
                    return;
                }

                Assert.That(chance, Is.LessThan(3), () => "Three times over a second. " + Tell(number, notifications));
            }
        });

        var told = string.Join(", ", answers.Select((count, status) => (count, status)).Where(a => a.count > 0).Select(a => $"{a.status}: {a.count}"));
        await TestContext.Progress.WriteLineAsync(
            $"fuzz: the endpoints over HTTP: {posts} requests, {told}, {clock.GetElapsedTime(began).TotalSeconds:F1} s; seed {FuzzRun.Seed}, commit {FuzzRun.Commit}");
        using var still = await _intake.HookAsync(HttpMethod.Post, "/fhir/notify/main", Hooks.Utf8(Hooks.Order()));
        Assert.That(still.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), "the process lives");
    }

    /// <summary>The n-th request; the same each time it is asked for.</summary>
    private HttpRequestMessage Request(long number, byte[][] notifications, out HttpClient client)
    {
        var dice = Dice.Of(FuzzRun.Seed, -1, number);
        client = _intake.Client;
        switch (dice.Below(20))
        {
            case 0 or 1:
                return Sending(HttpMethod.Put, $"/fhir/notify/main/ServiceRequest/{Escaped(Corpus.References, number)}", FuzzRun.Input(notifications, -1, number), dice);
            case 2:
                return Sending(HttpMethod.Delete, $"/fhir/notify/{Escaped(Corpus.References, number)}", [], dice);
            case 3 or 4 or 5:
                return Sending(HttpMethod.Post, "/api/referrals", FuzzRun.Input(Corpus.Submits, -1, number), dice);
            case 6:
                return Sending(HttpMethod.Post, $"/api/referrals/{Escaped(Corpus.Commands, number)}/retry", FuzzRun.Input(Corpus.Submits, -1, number), dice);
            case 7 or 8:
                client = _ops.Http;
                var query = string.Join('&', FhirTargets.Text(FuzzRun.Input(Corpus.Queries, -1, number)).Split('&').Select(part => string.Join('=', part.Split('=').Select(Uri.EscapeDataString))));
                return new HttpRequestMessage(HttpMethod.Get, new Uri($"/api/referrals?{query}", UriKind.Relative));
            case 9:
                client = _ops.Http;
                return new HttpRequestMessage(HttpMethod.Get, new Uri($"/api/referrals/{Escaped(Corpus.Commands, number)}/package", UriKind.Relative));
            default:
                return Sending(HttpMethod.Post, "/fhir/notify/main", FuzzRun.Input(notifications, -1, number), dice);
        }
    }

    private static HttpRequestMessage Sending(HttpMethod method, string path, byte[] body, Dice dice)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", dice.Below(4) == 0 ? dice.Of(Types) : Types[0]);
        if (path.StartsWith("/api", StringComparison.Ordinal)) request.Content.Headers.ContentType = new("application/json");
        if (dice.Below(10) > 0) request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + IntakeHost.Secret);
        if (dice.Below(5) == 0) request.Headers.TransferEncodingChunked = true;
        return request;
    }

    private static string Escaped(byte[][] corpus, long number)
    {
        var text = FhirTargets.Text(FuzzRun.Input(corpus, -2, number));
        return Uri.EscapeDataString(text.Length > 300 ? text[..300] : text);
    }

    private static string Tell(long number, byte[][] notifications)
        => $"request {number} of seed {FuzzRun.Seed} (REFERRAL_FUZZ_SEED); as a notification its body is {Convert.ToBase64String(FuzzRun.Input(notifications, -1, number))}";
}
