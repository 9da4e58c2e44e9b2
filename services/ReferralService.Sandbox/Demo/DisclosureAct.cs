using ReferralService.Sandbox.SyntheticPatients;

namespace ReferralService.Sandbox.Demo;

/// <summary>What the patient may ask later: who was told what about me, when, and on what ground?</summary>
internal static class DisclosureAct
{
    public static async Task Show(Desk desk, CancellationToken cancellationToken)
    {
        var (patient, referral) = ($"Patient/{desk.Case.PatientId}", desk.Referral!);
        desk.Screen.Say(Speaker.Demo, "you", $"GET /fhir/AuditEvent?patient={patient}");
        desk.Screen.Flush();
        var found = await desk.Stage.Api.DisclosuresAsync(patient, cancellationToken);
        desk.Expect(found.Count == 1, $"there are {found.Count} AuditEvents of {patient}, not one");
        if (found.Count != 1) return;
        var told = found[0];
        desk.Screen.Plain($"      {told.Recorded}  {told.Action}, purpose {told.Purpose}");
        desk.Screen.Plain($"        about    {told.Patient}");
        desk.Screen.Plain($"        to       {told.Recipient}, at the request of {told.Requester}");
        desk.Screen.Plain($"        what     {told.Package} ({told.Entries} entries, {Storyteller.Short(told.Digest)}), labelled {string.Join(' ', told.Labels)}");
        desk.Screen.Plain($"        ground   {string.Join(", ", told.Consents)}");

        var tag = desk.Case.PatientId["patient-".Length..];
        desk.Expect(told.Patient == $"{desk.Stage.Ehr.Base}/{patient}", $"it is about {told.Patient}");
        desk.Expect(told.Recipient == referral.Recipient, $"it says that it went to {told.Recipient}");
        desk.Expect(told.Package == $"urn:uuid:{referral.Package!.Id}" && told.Digest == referral.Package.Digest, "it does not name the package that was delivered");
        desk.Expect(told.Consents.SequenceEqual([$"{CaseSensitive.Consent(tag)}/_history/1"]), "it does not name the Consent with its version");
        foreach (var tell in CaseSensitive.Tells.Where(t => told.Raw.Contains(t, StringComparison.OrdinalIgnoreCase))) desk.Wrong.Add($"the AuditEvent says \"{tell}\"");
    }
}
