namespace ReferralService.Sandbox.Demo;

/// <summary>The stage after the demo: everything stays up, and the story of every referral that appears goes on being told.</summary>
internal sealed class KeptStage(Stage stage, Screen screen, TimeProvider clock)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(250);

    /// <summary>An end of the service within it is the same Ctrl-C: a terminal signals every process of the group.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly Storyteller _story = new(stage, screen, many: true);
    private readonly HashSet<string> _known = [];
    private readonly HashSet<string> _delivered = [];
    private readonly Dictionary<string, string> _ofOrder = [];
    private int _new;

    /// <summary>Until it is told to end, or the service has ended.</summary>
    /// <returns>What is wrong; empty when the person ended it.</returns>
    public async Task<IReadOnlyList<string>> StayAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var referral in await stage.Api.ChangedAsync(null, cancellationToken))
            {
                _known.Add(referral.Id);
                _ofOrder[referral.ServiceRequest] = referral.Id;
                _story.Pass(await stage.Api.ShowAsync(referral.Id, cancellationToken));
            }
            Invite();
            stage.GoOnTelling();
            await WatchAsync(cancellationToken);
            return [$"The service's process {stage.Service!.Id} has ended by itself, exit code {stage.Service.ExitCode}."];
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            screen.Plain();
            screen.Plain($"Ended by you. {_new} {(_new == 1 ? "referral" : "referrals")} came while everything stayed up, {_delivered.Count} delivered. The service, the EHR and the consultants stop, and what they stored goes with them.");
            return [];
        }
    }

    private void Invite()
    {
        var service = stage.Service!.Url.GetLeftPart(UriPartial.Authority);
        var one = stage.Cases[0];
        screen.Plain();
        screen.Title("Everything stays up and what happens is told; Ctrl-C ends it.");
        screen.Plain($"  ops page       {service}/   (open it in a browser: why is a referral late, and what mends it?)");
        screen.Plain($"  service        {service}   (try /api/referrals, /api/partners, /health/detail, /metrics)");
        screen.Plain($"  EHR            {stage.Ehr.Base}");
        foreach (var consultant in stage.Consultants) screen.Plain($"  {consultant.Name,-14} {consultant.Server.Base}");
        screen.Plain($"  secret         {Stage.Secret}   (what the EHR shows at {service}/fhir/notify/main: Authorization: Bearer …)");
        screen.Plain();
        screen.Plain("Why things are in a package and others are not; who was told what about a patient:");
        screen.Plain($"  curl -s {service}/api/referrals/{_ofOrder[one.Order.Key]}/manifest");
        screen.Plain($"  curl -s '{service}/fhir/AuditEvent?patient=Patient/{one.PatientId}'");
        screen.Plain("A new order, written to the EHR, which tells the service:");
        screen.Plain($$$"""  curl -s -X POST {{{stage.Ehr.Base}}}/ServiceRequest -H 'Content-Type: application/fhir+json' -d '{"resourceType":"ServiceRequest","status":"active","intent":"order","subject":{"reference":"Patient/{{{one.PatientId}}}"},"performer":[{"reference":"Organization/uro-east"}]}'""");
        screen.Plain("A third opinion on an order that is there, submitted by REST:");
        screen.Plain($$"""  curl -s -X POST {{service}}/api/referrals -H 'Content-Type: application/json' -d '{"ehr":"main","serviceRequest":"{{one.Order.Key}}","recipient":"urology-west"}'""");
        screen.Plain();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var (since, silent) = (clock.GetUtcNow(), false);
        while (true)
        {
            await Task.Delay(Glance, clock, cancellationToken);
            if (stage.Service!.HasExited)
            {
                await Task.Delay(Grace, clock, cancellationToken);
                return;
            }
            try
            {
                var asked = clock.GetUtcNow();
                // A little twice, so that nothing written meanwhile is passed over; what was told is not told again.
                foreach (var changed in await stage.Api.ChangedAsync(since.AddSeconds(-5), cancellationToken)) await TellAsync(changed.Id, cancellationToken);
                (since, silent) = (asked, false);
            }
            catch (HttpRequestException)
            {
                if (!silent && !stage.Service.HasExited) screen.Say(Speaker.Demo, "demo", "the service does not answer at /api; asking again");
                silent = true;
            }
        }
    }

    private async Task TellAsync(string id, CancellationToken cancellationToken)
    {
        if (_known.Add(id)) _new++;
        var referral = await stage.Api.ShowAsync(id, cancellationToken);
        var news = await _story.TellAsync(referral, cancellationToken);
        if (news.Any(line => line.Event == "delivered")) _delivered.Add(id);
        if (news.Count == 0 || referral.State != "held") return;
        var given = referral.Error?.Code is "recipient-unknown" or "recipient-ambiguous" ? """{"recipient":"urology-east"}""" : "{}";
        screen.Say(Speaker.Demo, "you may", $"curl -s -X POST {stage.Service!.Url.GetLeftPart(UriPartial.Authority)}/api/referrals/{id}/retry -H 'Content-Type: application/json' -d '{given}'", news[^1].At);
    }
}
