namespace ReferralService.Sandbox.Demo;

/// <summary>Writes a scene's order to the EHR and tells what becomes of it until it is delivered or the time is up.</summary>
internal sealed class ScenePlayer(Stage stage, Storyteller story, Screen screen, TimeProvider clock)
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    public async Task<SceneResult> PlayAsync(Scene scene, CancellationToken cancellationToken)
    {
        screen.Plain();
        screen.Title(scene.Title);
        scene.Prepare?.Invoke(stage);
        var (started, writes) = (clock.GetTimestamp(), Writes());
        screen.Say(Speaker.Ehr, "EHR", $"{scene.Case.Order.Key} is written: a second opinion is asked for");
        stage.Ehr.Write(scene.Case.Order.Utf8);

        var wrong = new List<string>();
        var givenTo = scene.GivenTo;
        string? id = null;
        ReferralFacts? referral = null;
        while (referral?.State is not ("delivered" or "failed" or "cancelled"))
        {
            if (clock.GetElapsedTime(started) > Ceiling)
            {
                wrong.Add(referral is null ? "no referral came of the order" : $"it is {referral.State} ({referral.Error?.Code ?? "no code"}) after {Ceiling.TotalSeconds:0} s");
                break;
            }
            await Task.Delay(Glance, clock, cancellationToken);
            id ??= await stage.Api.FindAsync(scene.Case.Order.Key, cancellationToken);
            if (id is null) continue;
            referral = await stage.Api.ShowAsync(id, cancellationToken);
            await story.TellAsync(referral, cancellationToken);
            if (referral.State != "held") continue;
            if (givenTo is null || referral.Error?.Code != scene.HeldFor)
            {
                wrong.Add($"it is held, {referral.Error?.Code}");
                break;
            }
            screen.Say(Speaker.Demo, "you", $"POST /api/referrals/{id}/retry {{\"recipient\":\"{givenTo}\"}}");
            await stage.Api.RetryAsync(id, givenTo, cancellationToken);
            givenTo = null;
        }
        if (scene.HeldFor is not null && givenTo is not null) wrong.Add($"it was never held as {scene.HeldFor}");
        return new SceneResult(scene, referral, Writes() - writes, clock.GetElapsedTime(started), wrong);
    }

    private int Writes() => stage.Consultants.Sum(c => c.Server.Requests.All.Count(r => r.Method is "POST" or "PUT"));
}
