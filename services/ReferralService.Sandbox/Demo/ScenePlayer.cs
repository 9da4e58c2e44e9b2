namespace ReferralService.Sandbox.Demo;

/// <summary>Writes a scene's order to the EHR and tells what becomes of it until it is delivered or the time is up; before and after that the scene's acts.</summary>
internal sealed class ScenePlayer(Stage stage, Storyteller story, Screen screen, TimeProvider clock)
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    public async Task<SceneResult> PlayAsync(Scene scene, CancellationToken cancellationToken)
    {
        screen.Plain();
        screen.Title(scene.Title);
        var wrong = new List<string>();
        await PlayActsAsync([scene.Before], null);
        var (started, writes) = (clock.GetTimestamp(), Writes());
        screen.Say(Speaker.Ehr, "EHR", $"{scene.Case.Order.Key} {scene.Written}");
        stage.Ehr.Write(scene.Case.Order.Utf8);

        var referral = await AtRestAsync(scene, passing: null, wrong, cancellationToken);
        if (scene.HeldFor is { } expected && wrong.Count == 0)
        {
            if (referral is not { State: "held" } || referral.Error?.Code != expected) wrong.Add($"it was not held as {expected}");
            else
            {
                await PlayActsAsync([scene.WhenHeld], referral);
                // A millisecond before: the service's own instants have no finer grain.
                screen.Say(Speaker.Demo, "you", $"POST /api/referrals/{referral.Id}/retry {(scene.GivenTo is { } to ? $"{{\"recipient\":\"{to}\"}}" : "{}")}", clock.GetUtcNow().AddMilliseconds(-1));
                await stage.Api.RetryAsync(referral.Id, scene.GivenTo, cancellationToken);
                referral = await AtRestAsync(scene, passing: referral, wrong, cancellationToken);
            }
        }

        if (referral is { State: "held" }) wrong.Add($"it is held, {referral.Error?.Code}");
        var took = clock.GetElapsedTime(started);
        if (referral is { State: "delivered" }) await PlayActsAsync(scene.After ?? [], referral);
        return new SceneResult(scene, referral, Writes() - writes, took, wrong);

        async Task PlayActsAsync(IEnumerable<Act?> acts, ReferralFacts? at)
        {
            foreach (var act in acts.OfType<Act>())
            {
                screen.Flush();
                await act(new Desk(stage, screen, scene.Case, at, wrong), cancellationToken);
            }

            screen.Flush();
        }
    }

    /// <summary>Tells its steps until there is none to come: delivered, failed, cancelled, or held.</summary>
    /// <param name="passing">As it was held before, so that it is not taken for held again.</param>
    private async Task<ReferralFacts?> AtRestAsync(Scene scene, ReferralFacts? passing, List<string> wrong, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var id = passing?.Id;
        ReferralFacts? referral = null;
        while (referral?.State is not ("delivered" or "failed" or "cancelled"))
        {
            if (clock.GetElapsedTime(started) > Ceiling)
            {
                wrong.Add(referral is null ? "no referral came of the order" : $"it is {referral.State} ({referral.Error?.Code ?? "no code"}) after {Ceiling.TotalSeconds:0} s");
                return referral;
            }
            await Task.Delay(Glance, clock, cancellationToken);
            id ??= await stage.Api.FindAsync(scene.Case.Order.Key, cancellationToken);
            if (id is null) continue;
            referral = await stage.Api.ShowAsync(id, cancellationToken);
            await story.TellAsync(referral, cancellationToken);
            if (referral.State == "held" && referral.Timeline!.Count > (passing?.Timeline!.Count ?? 0)) return referral;
        }
        return referral;
    }

    private int Writes() => stage.Consultants.Sum(c => c.Server.Requests.All.Count(r => r.Method is "POST" or "PUT"));
}
