using ReferralService.Sandbox.Repository;

namespace ReferralService.Sandbox.Demo;

/// <summary>Asks what would be sent, and looks that nothing was: no referral, no event, no disclosure, no write anywhere.</summary>
internal static class PreviewAct
{
    /// <summary>Before anybody is told of the order: it stands at the EHR since yesterday.</summary>
    public static async Task OfAnOrderThatNobodyHeardOf(Desk desk, CancellationToken cancellationToken)
    {
        var yesterday = TimeProvider.System.GetUtcNow().AddDays(-1);
        desk.Stage.Ehr.Load(JsonSplice.WithMembers(desk.Case.Order.Utf8.Span, ("meta", $$"""{"versionId":"1","lastUpdated":"{{StoredResource.Instant(yesterday)}}"}""")));
        desk.Screen.Say(Speaker.Ehr, "EHR", $"{desk.Case.Order.Key} stands here since yesterday, and nobody was told of it");
        var preview = await AskAsync(desk, cancellationToken);
        desk.Expect(preview.Manifest is not null, $"the preview answered {preview.Status} {preview.Code}");
        if (preview.Manifest is not { } manifest) return;
        desk.Screen.Plain($"      It would take {manifest.Included.Count} resources and leave out {manifest.Omitted.Count}, among them the {manifest.Consent.Withheld.Values.Sum()} that are withheld:");
        new ManifestTeller(desk.Screen).Checklist(manifest);
        desk.Expect(manifest.Plan.Count > 0 && manifest.Checklist.Count > 0, "the preview's manifest has no plan or no checklist");
    }

    /// <summary>A plan holds for something: the preview says for what.</summary>
    public static async Task OfWhatIsMissing(Desk desk, CancellationToken cancellationToken)
    {
        var preview = await AskAsync(desk, cancellationToken);
        desk.Expect(preview is { Status: 409, Code: "record-incomplete", Missing: [HoldingPlan.Item] }, $"the preview answered {preview.Status} {preview.Code} [{string.Join(' ', preview.Missing)}]");
        desk.Screen.Plain($"      {preview.Status} {preview.Code}; missing: {string.Join(", ", preview.Missing)}");
        foreach (var missing in desk.Case.Later)
        {
            desk.Screen.Say(Speaker.Ehr, "EHR", $"the clinic adds {missing.Key}");
            desk.Stage.Ehr.Write(missing.Utf8);
        }
    }

    private static async Task<PreviewFacts> AskAsync(Desk desk, CancellationToken cancellationToken)
    {
        var before = await TracesAsync(desk.Stage, cancellationToken);
        var asked = desk.Stage.Ehr.Requests.Count;
        desk.Screen.Say(Speaker.Demo, "you", $"POST /api/referrals/preview {{\"ehr\":\"main\",\"serviceRequest\":\"{desk.Case.Order.Key}\"}}");
        var preview = await desk.Stage.Api.PreviewAsync(desk.Case.Order.Key, cancellationToken);
        var after = await TracesAsync(desk.Stage, cancellationToken);
        desk.Screen.Flush();
        desk.Expect(after == before, $"the preview left something behind: {before} became {after}");
        desk.Expect(desk.Stage.Ehr.Requests.Count > asked, "the preview asked the EHR nothing");
        desk.Screen.Plain($"      Nothing was stored or sent: {after}, as before; the EHR was asked {desk.Stage.Ehr.Requests.Count - asked} times and told nothing");
        return preview;
    }

    /// <summary>Whatever a step of a referral would leave: here, at the consultants, at the EHR.</summary>
    private static async Task<string> TracesAsync(Stage stage, CancellationToken cancellationToken)
    {
        var referrals = await stage.Api.AllAsync(cancellationToken);
        var lines = 0;
        foreach (var referral in referrals) lines += (await stage.Api.ShowAsync(referral.Id, cancellationToken)).Timeline!.Count;
        var told = (await stage.Api.DisclosuresAsync(null, cancellationToken)).Count;
        var writes = stage.Consultants.Sum(c => c.Server.Requests.All.Count(r => r.Method is not "GET")) + stage.Ehr.Requests.All.Count(r => r.Method is not "GET" && !r.PathAndQuery.StartsWith("/Subscription", StringComparison.Ordinal));
        return $"{referrals.Count} referrals, {lines} lines in their timelines, {told} disclosures, {writes} writes at the partners";
    }
}
