namespace ReferralService.Sandbox.Demo;

/// <summary>Writes a scene's order to the EHR and tells what becomes of it until it is delivered or the time is up.</summary>
internal sealed class ScenePlayer(Stage stage, Screen screen, TimeProvider clock)
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    public async Task<SceneResult> PlayAsync(Scene scene, CancellationToken cancellationToken)
    {
        screen.Plain();
        screen.Title(scene.Title);
        scene.Prepare?.Invoke(stage);
        var (started, reads, writes) = (clock.GetTimestamp(), stage.Ehr.Requests.Count, Writes());
        screen.Say(Speaker.Ehr, "EHR", $"{scene.Case.Order.Key} is written: a second opinion is asked for");
        stage.Ehr.Write(scene.Case.Order.Utf8);

        var (told, wrong) = (0, new List<string>());
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
            foreach (var line in referral.Timeline!.Skip(told)) await TellAsync(line, referral, stage.Ehr.Requests.Count - reads, cancellationToken);
            told = referral.Timeline!.Count;
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

    private async Task TellAsync(TimelineFacts line, ReferralFacts referral, long reads, CancellationToken cancellationToken)
    {
        screen.Say(Speaker.Service, "service", Told(line, referral, reads), line.At);
        if (line.Event != "packaged") return;
        var types = (await stage.Api.PackageAsync(referral.Id, cancellationToken)).Types();
        var others = types.Count > 5 ? $" and {types.Count - 5} other types" : "";
        screen.Say(Speaker.Service, "service", $"             in it: {string.Join(", ", types.Take(5))}{others}", line.At);
    }

    private static string Told(TimelineFacts line, ReferralFacts referral, long reads)
    {
        var what = line.Event switch
        {
            "received" => $"referral {referral.Id}",
            "gathered" => $"the record, in {reads} requests to the EHR so far",
            "packaged" when referral.Package is { } p => $"{p.Form.ToLowerInvariant()} of {p.Entries} entries, {p.Bytes:N0} bytes, {Short(p.Digest)}",
            "attempt" => $"delivery attempt {line.Attempt}",
            "delivered" => $"to {referral.Recipient}{(line.Detail("location") is { } place ? $", as {place}" : "")}",
            "retried" => $"for {referral.Recipient}",
            _ => "",
        };
        var next = line.NextAttemptAt is { } at && line.Event == "deferred" ? $"until {at:HH:mm:ss} UTC" : "";
        var words = string.Join(' ', new[] { what, line.ErrorCode, next }.Where(w => !string.IsNullOrEmpty(w)));
        return $"{(line.Sequence is { } n ? $"{n} " : "· ")}{line.Event,-10} {words}".TrimEnd();
    }

    public static string Short(string digest) => digest.Length > 20 ? digest[..20] + "…" : digest;
}
