using System.Runtime.InteropServices;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;

namespace ReferralService.Sandbox.Demo;

/// <summary>The demo from the first line to the exit code.</summary>
internal static class DemoRun
{
    public static async Task<int> RunAsync(DemoOptions options, Screen screen)
    {
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        Stage? stage = null;
        try
        {
            var wrong = await PlayAsync(options, screen, s => stage = s, stop.Token);
            if (wrong.Count > 0) return Fail(screen, stage, wrong);
            if (options.Keep) wrong = await new KeptTroubles(stage!, screen, TimeProvider.System).MakeAsync(options.Seed, stop.Token);
            if (wrong.Count > 0) return Fail(screen, stage, wrong);
            if (options.Keep) wrong = await new KeptStage(stage!, screen, TimeProvider.System).StayAsync(stop.Token);
            return wrong.Count > 0 ? Fail(screen, stage, wrong) : 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            screen.Plain("Stopped.");
            return 130;
        }
        catch (Exception failure) when (failure is DemoFailure or HttpRequestException or System.Text.Json.JsonException)
        {
            return Fail(screen, stage, [failure.Message]);
        }
        finally
        {
            if (stage is not null) await stage.DisposeAsync();
        }
    }

    private static async Task<IReadOnlyList<string>> PlayAsync(DemoOptions options, Screen screen, Action<Stage> opened, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        screen.Title("ReferralService: five second opinions on their way");
        screen.Plain("Synthetic data: every person, name and result here is invented.");
        screen.Plain();
        var scenes = Scenes(options.Seed, clock.GetUtcNow());
        var stage = await Stage.OpenAsync(screen, options, [.. scenes.Select(s => s.Case)], opened, cancellationToken);
        var player = new ScenePlayer(stage, new Storyteller(stage, screen, many: false), screen, clock);
        var results = new List<SceneResult>();
        foreach (var scene in scenes) results.Add(await player.PlayAsync(scene, cancellationToken));
        stage.StopTelling();

        List<string> wrong = [.. await new Verdict(stage, screen).ReachAsync(results, cancellationToken)];
        if (stage.Listener is { } listener) wrong.AddRange(await EventsAsync(listener, results, screen, clock, cancellationToken));
        if (wrong.Count > 0) return wrong;
        screen.Plain();
        screen.Good($"All five were delivered, each exactly once, in {screen.Elapsed.TotalSeconds:0.0} s.");
        return wrong;
    }

    private static Scene[] Scenes(int seed, DateTimeOffset now) =>
    [
        new("clean", "1  The plain case: the order asks Urology East, which the service knows", SecondOpinionCase.Cluttered(seed * 10 + 1, now, CasePerformer.UrologyEast), "urology-east",
            After: [ReasonsAct.Show]),
        new("busy", "2  A busy consultant: Urology West answers 503 twice and asks for a second's patience", SecondOpinionCase.Create(seed * 10 + 2, now, CasePerformer.UrologyWest), "urology-west",
            Before: (desk, _) =>
            {
                desk.Stage.Consultants[1].Server.Faults.Add(new Fault { Method = "POST,PUT", Status = 503, RetryAfter = "1", Times = 2 });
                return Task.CompletedTask;
            }),
        new("unknown", "3  An unknown performer: nobody's directory has the Island Urology Practice, so a person decides", SecondOpinionCase.Create(seed * 10 + 3, now, CasePerformer.Unlisted), "urology-east",
            HeldFor: "recipient-unknown", GivenTo: "urology-east"),
        new("withheld", "4  A patient who has said no: his Consent lets everything go for treatment but what is about HIV", SecondOpinionCase.Sensitive(seed * 10 + 4, now, CasePerformer.UrologyEast), "urology-east",
            Before: PreviewAct.OfAnOrderThatNobodyHeardOf, After: [WithheldAct.Show, DisclosureAct.Show]) { Written = "is written again, and now the service is told" },
        new("incomplete", "5  Something is missing: the clinic's own record plan lets no elevated PSA go without the PSA", SecondOpinionCase.ElevatedPsa(seed * 10 + 5, now, CasePerformer.UrologyEast), "urology-east",
            HeldFor: "record-incomplete", WhenHeld: PreviewAct.OfWhatIsMissing, After: [ReasonsAct.NowThere]),
    ];

    /// <summary>Every event of every timeline must have come over the broker, in order, once.</summary>
    private static async Task<List<string>> EventsAsync(StatusListener listener, List<SceneResult> results, Screen screen, TimeProvider clock, CancellationToken cancellationToken)
    {
        var wrong = new List<string>();
        var started = clock.GetTimestamp();
        foreach (var result in results.Where(r => r.Referral is not null))
        {
            var expected = result.Referral!.Timeline!.Where(t => t.Sequence is not null).Select(t => t.Sequence!.Value).ToList();
            List<int> Received() => [.. listener.Received.Where(e => e.ReferralId == result.Referral.Id).DistinctBy(e => e.Id).Select(e => e.Sequence)];
            while (Received().Count < expected.Count && clock.GetElapsedTime(started) < TimeSpan.FromSeconds(10)) await Task.Delay(TimeSpan.FromMilliseconds(50), clock, cancellationToken);
            if (!Received().SequenceEqual(expected)) wrong.Add($"{result.Scene.Name}: its events came as [{string.Join(' ', Received())}], its timeline has [{string.Join(' ', expected)}]");
        }
        if (wrong.Count == 0) screen.Good($"      {listener.Received.Count} events came over RabbitMQ, each referral's in order and complete");
        return wrong;
    }

    private static int Fail(Screen screen, Stage? stage, IReadOnlyList<string> wrong)
    {
        screen.Plain();
        screen.Bad("This is wrong:");
        foreach (var line in wrong) screen.Bad("  " + line);
        if (stage?.Service is not { } service) return 1;
        screen.Plain();
        screen.Plain("The service's last lines:");
        foreach (var line in service.LastLines(25)) screen.Plain("  " + line);
        return 1;
    }
}
