using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using ReferralService.Benchmarks.Report;

namespace ReferralService.Benchmarks.Walk;

/// <summary>How many notifications a second are answered 202, each in the ledger by then, against how many referrals a second are walked.</summary>
internal static class IntakeFigures
{
    public const string Secret = "secret-of-the-benchmark";

    /// <summary>Only hooks are taken from it; nothing is asked of it.</summary>
    public const string Ehr = "hooks";

    private const int AtOnce = 64;

    public static async Task FindAsync(Choices choices, WarmStage warm, Findings findings)
    {
        var stage = await warm.OpenAsync();
        var service = stage.Services[0];
        int burst = 10_000, number = 0;
        // Of a paused EHR they are taken and kept, and nothing more is done with them.
        await PauseAsync(service);
        var (accepted, walked, cpu) = (new List<double>(), new List<double>(), new List<double>());
        for (int round = 0; round < choices.Rounds; round++)
        {
            walked.Add((await stage.Load.RunAsync(choices.Referrals, 8)).PerSecond);
            var (spent, began) = (service.Cpu, Stopwatch.GetTimestamp());
            await Parallel.ForAsync(0, burst, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (_, cancellationToken) =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"/fhir/notify/{Ehr}")
                {
                    Content = new ByteArrayContent(Body(Interlocked.Increment(ref number))) { Headers = { ContentType = new MediaTypeHeaderValue("application/fhir+json") } },
                };
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Secret);
                using var answer = await service.Http.SendAsync(request, cancellationToken);
                if ((int)answer.StatusCode != 202) throw new BrokenRunException($"A notification was answered {(int)answer.StatusCode}.");
            });
            accepted.Add(burst / Stopwatch.GetElapsedTime(began).TotalSeconds);
            cpu.Add((service.Cpu - spent).TotalMicroseconds / burst);
        }

        findings.Set(Goal.Intake, Spread.Ratio(accepted, walked));
        var table = new Table($"Intake: bursts of {burst.ToString("N0", CultureInfo.InvariantCulture)} notifications (an order in the body, {AtOnce} at once), 202 once committed; the EHR paused", "", "a second", "service CPU µs");
        table.Add("notifications", Spread.Of(accepted).Text("0"), Spread.Of(cpu).Text("0"));
        table.Add("referrals, 8 in flight, the same rounds", Spread.Of(walked).Text("0.0"), "");
        findings.Add(table);
    }

    private static byte[] Body(int number) => Encoding.UTF8.GetBytes(
        $$"""{"resourceType":"ServiceRequest","id":"order-n{{number}}","meta":{"versionId":"1"},"status":"active","intent":"order","subject":{"reference":"Patient/g1"} }""");

    private static async Task PauseAsync(ServiceUnderLoad service)
        => (await service.Http.PostAsync(new Uri($"/api/partners/{Ehr}/pause?kind=ehr", UriKind.Relative), null)).EnsureSuccessStatusCode().Dispose();
}
