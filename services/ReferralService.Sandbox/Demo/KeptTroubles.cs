using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;

namespace ReferralService.Sandbox.Demo;

/// <summary>With <c>--keep</c>: a working morning behind the story, some of it gone wrong, so that the ops page has something to tell and a person something to mend.</summary>
internal sealed class KeptTroubles(Stage stage, Screen screen, TimeProvider clock)
{
    /// <summary>A consultant whose server is switched off.</summary>
    public const string SwitchedOff = "urology-north";

    /// <summary>A consultant who is paused, and would work.</summary>
    public const string Paused = "urology-south";

    private const string Refusal = """
        {"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"required","expression":["Bundle.entry[0].resource.custodian"],"diagnostics":"Composition.custodian is required here"}]}
        """;

    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);

    /// <summary>How many orders go where, and how each has to stand before the stage is left to the person.</summary>
    private static readonly (CasePerformer Performer, int Orders, string[] Stands)[] Morning =
    [
        (CasePerformer.UrologyWest, 2, ["failed"]),
        (CasePerformer.UrologyEast, 9, ["delivered"]),
        (CasePerformer.Unlisted, 3, ["held"]),
        (CasePerformer.UrologyNorth, 2, ["received", "gathering", "packaged", "delivering"]),
        (CasePerformer.UrologySouth, 2, ["received", "gathering", "packaged", "delivering"]),
    ];

    /// <returns>What is not as it must be; empty when all is well.</returns>
    public async Task<IReadOnlyList<string>> MakeAsync(int seed, CancellationToken cancellationToken)
    {
        screen.Plain();
        screen.Title("For the ops page: a morning's other referrals, and what goes wrong of a morning");
        await PauseAsync(cancellationToken);
        // The two orders to Urology West come first and are refused; what is sent there later is taken again.
        stage.Consultants[1].Server.Faults.Add(new Fault { Method = "POST,PUT", Status = 422, Body = Refusal, Times = 2 });
        var orders = new Dictionary<string, string[]>();
        foreach (var (performer, count, stands) in Morning)
        {
            var written = new List<string>();
            for (var i = 0; i < count; i++)
            {
                var one = SecondOpinionCase.Create(1000 + seed * 100 + orders.Count, clock.GetUtcNow(), performer);
                stage.Ehr.Load(one.Record);
                stage.Ehr.Write(one.Order.Utf8);
                orders.Add(one.Order.Key, stands);
                written.Add(one.Order.Key);
            }

            if (await LateAsync(written, orders, cancellationToken) is { Count: > 0 } late)
            {
                return late;
            }
        }

        screen.Say(Speaker.Demo, "EHR", "9 more orders to urology-east: delivered");
        screen.Say(Speaker.Demo, "EHR", "2 to urology-west, which refuses them with 422: failed");
        screen.Say(Speaker.Demo, "EHR", "3 to somebody in nobody's directory: held, a person must say who is meant");
        screen.Say(Speaker.Demo, "EHR", $"2 to {SwitchedOff}, whose server is switched off: put off, tried again and again");
        screen.Say(Speaker.Demo, "EHR", $"2 to {Paused}, which is paused: they wait until it is resumed");
        return [];
    }

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        using var answer = await stage.Http.PostAsync(new Uri(stage.Service!.Url, $"/api/partners/{Paused}/pause"), null, cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            throw new DemoFailure($"POST /api/partners/{Paused}/pause answered {(int)answer.StatusCode}.");
        }
    }

    /// <summary>Waits until each stands as it has to; those that do not in time.</summary>
    private async Task<IReadOnlyList<string>> LateAsync(IReadOnlyList<string> written, Dictionary<string, string[]> wanted, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            var now = (await stage.Api.AllAsync(cancellationToken)).ToDictionary(r => r.ServiceRequest, r => r.State);
            var late = written.Where(order => !now.TryGetValue(order, out var state) || !wanted[order].Contains(state)).ToList();
            if (late.Count == 0)
            {
                return [];
            }

            if (clock.GetElapsedTime(started) > Ceiling)
            {
                return [.. late.Select(order => $"{order} is {now.GetValueOrDefault(order, "not there")} after {Ceiling.TotalSeconds:0} s")];
            }

            await Task.Delay(Glance, clock, cancellationToken);
        }
    }
}
