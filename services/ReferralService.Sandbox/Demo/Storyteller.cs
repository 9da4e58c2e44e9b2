namespace ReferralService.Sandbox.Demo;

/// <summary>Tells what happens to referrals, line by line, as their timelines grow.</summary>
/// <param name="many">Several referrals may be under way at once: each line says whose it is.</param>
internal sealed class Storyteller(Stage stage, Screen screen, bool many)
{
    private readonly Dictionary<string, int> _told = [];
    private bool _explained;

    /// <summary>What is in its timeline by now is known already.</summary>
    public void Pass(ReferralFacts referral) => _told[referral.Id] = referral.Timeline!.Count;

    /// <returns>The lines that were new.</returns>
    public async Task<IReadOnlyList<TimelineFacts>> TellAsync(ReferralFacts referral, CancellationToken cancellationToken)
    {
        var news = referral.Timeline!.Skip(_told.GetValueOrDefault(referral.Id)).ToList();
        foreach (var line in news) await TellAsync(line, referral, cancellationToken);
        Pass(referral);
        return news;
    }

    private async Task TellAsync(TimelineFacts line, ReferralFacts referral, CancellationToken cancellationToken)
    {
        if (!_explained) Say("(a number is the sequence of the status event that subscribers get, from 1 for each referral; · is a note without an event)", referral, line);
        _explained = true;
        Say(Told(line, referral), referral, line);
        switch (line.Event)
        {
            case "gathered" when referral.Package is not null:
                var manifest = await stage.Api.ManifestAsync(referral.Id, cancellationToken);
                Say($"             {manifest.Included.Count} resources: {manifest.Searches.Count} searches of the EHR, then what those name; {manifest.Omitted.Count} rows of the manifest say what is not in it and why", referral, line);
                break;
            case "packaged":
                var types = (await stage.Api.PackageAsync(referral.Id, cancellationToken)).Types();
                var others = types.Count > 5 ? $" and {types.Count - 5} other types" : "";
                Say($"             in it: {string.Join(", ", types.Take(5))}{others}", referral, line);
                break;
        }
    }

    private void Say(string text, ReferralFacts referral, TimelineFacts line)
        => screen.Say(Speaker.Service, "service", many ? $"{referral.Id[..8]} {text}" : text, line.At);

    private static string Told(TimelineFacts line, ReferralFacts referral)
    {
        var what = line.Event switch
        {
            "received" => $"referral {referral.Id} of {referral.ServiceRequest}",
            "gathered" => "the record",
            "packaged" when referral.Package is { } p => $"{p.Form.ToLowerInvariant()} of {p.Entries} entries, {p.Bytes:N0} bytes, {Short(p.Digest)}",
            "attempt" => $"delivery attempt {line.Attempt}",
            "delivered" => $"to {referral.Recipient}{(line.Detail("location") is { } place ? $", as {place}" : "")}",
            "retried" => referral.Recipient is null ? "" : $"for {referral.Recipient}",
            _ => "",
        };
        var next = line.NextAttemptAt is { } at && line.Event == "deferred" ? $"until {at:HH:mm:ss} UTC" : "";
        var words = string.Join(' ', new[] { what, line.ErrorCode, next }.Where(w => !string.IsNullOrEmpty(w)));
        return $"{(line.Sequence is { } n ? $"{n} " : "· ")}{line.Event,-10} {words}".TrimEnd();
    }

    public static string Short(string digest) => digest.Length > 20 ? digest[..20] + "…" : digest;
}
