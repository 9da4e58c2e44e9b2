namespace ReferralService.Sandbox.Demo;

/// <summary>Why things are in a package and others are not.</summary>
internal static class ReasonsAct
{
    private static readonly string[] Expected = ["beyond-last-n", "entered-in-error", "must-not-send", "not-relevant", "outside-window"];

    public static async Task Show(Desk desk, CancellationToken cancellationToken)
    {
        var manifest = await desk.Stage.Api.ManifestAsync(desk.Referral!.Id, cancellationToken);
        desk.Screen.Say(Speaker.Demo, "you", $"GET /api/referrals/{desk.Referral.Id}/manifest");
        desk.Screen.Flush();
        new ManifestTeller(desk.Screen).Tell(manifest);
        desk.Screen.Plain($"      The EHR has no Consent of this patient: Consent:Default, {manifest.Consent.Default}, decided of {manifest.Consent.DefaultCarried} resources");
        desk.Expect(manifest.Plan.Any(p => p.Id == "urology-testicular-mass"), "the plan for a testicular mass was not chosen");
        desk.Expect(manifest.Checklist.Any(c => c is { Item: "plan:urology-testicular-mass/afp", Status: "present", Date: not null }), "the checklist does not say of when the newest AFP is");
        desk.Expect(manifest.Checklist.Any(c => c is { Status: "absent", Date: null }), "nothing is absent in the checklist");
        desk.Expect(manifest.Consent is { Basis: "default", Considered: [] } && manifest.Consent.DefaultCarried == manifest.Included.Count, "the manifest does not say that no Consent was found");
        desk.Expect(manifest.Included.All(i => i.Reasons.Count > 0), "something is inside without a reason");
        desk.Expect(manifest.Imaging.Any(i => i is { StudyUid: true, Access: ["dicom-wado-rs"] }), "no study comes with its UID and where its images are");
        foreach (var reason in Expected.Where(e => manifest.Omitted.All(o => o.Reason != e))) desk.Wrong.Add($"nothing was left out as {reason}");
    }

    /// <summary>What the plan held for is inside now.</summary>
    public static async Task NowThere(Desk desk, CancellationToken cancellationToken)
    {
        var manifest = await desk.Stage.Api.ManifestAsync(desk.Referral!.Id, cancellationToken);
        desk.Screen.Flush();
        new ManifestTeller(desk.Screen).Checklist(manifest);
        desk.Expect(manifest.Checklist.Any(c => c is { Item: HoldingPlan.Item, Status: "present" }), "the plan still misses the PSA");
        desk.Expect(manifest.Checklist.Any(c => c is { Item: "plan:core/vital-signs", Status: "stale", Date: not null }), "the checklist does not say that the weight is stale");
        foreach (var added in desk.Case.Later) desk.Expect(manifest.Included.Any(i => i.Key == added.Key), $"{added.Key} is not in the package");
    }
}
