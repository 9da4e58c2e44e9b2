using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ReferralService.Sandbox.SyntheticPatients;

namespace ReferralService.Sandbox.Demo;

/// <summary>What a patient's Consent kept back: what the recipient sees of it, what the sender's privacy role sees.</summary>
internal static partial class WithheldAct
{
    private const string ByConsent = "withheld-by-consent";

    public static async Task Show(Desk desk, CancellationToken cancellationToken)
    {
        var tag = desk.Case.PatientId["patient-".Length..];
        desk.Screen.Flush();
        await AtTheRecipientAsync(desk, tag, cancellationToken);
        AtTheSender(desk, tag, await desk.Stage.Api.ManifestAsync(desk.Referral!.Id, cancellationToken));
    }

    private static async Task AtTheRecipientAsync(Desk desk, string tag, CancellationToken cancellationToken)
    {
        var consultant = desk.Stage.Consultants.First(c => c.Name == desk.Referral!.Recipient);
        var stored = consultant.Server.Effects.All.Single(e => e.Identifier == $"urn:uuid:{desk.Referral!.Package!.Id}");
        var text = Encoding.UTF8.GetString(await desk.Stage.Http.GetByteArrayAsync($"{consultant.Server.Base}/{stored.Key}", cancellationToken));
        using var bundle = JsonDocument.Parse(text);
        var composition = bundle.RootElement.GetProperty("entry")[0].GetProperty("resource");
        var missing = composition.GetProperty("section").EnumerateArray().Where(s => s.GetProperty("title").GetString() == "What is missing").Select(Words).FirstOrDefault("");
        var marks = string.Join(' ', bundle.RootElement.GetProperty("meta").GetProperty("security").EnumerateArray().Select(s => s.GetProperty("code").GetString()));

        desk.Screen.Plain($"      {consultant.Name} sees, in the Composition's section \"What is missing\":");
        desk.Screen.Plain($"        … {missing[Math.Max(0, missing.IndexOf("withheld", StringComparison.Ordinal))..]}");
        desk.Screen.Plain($"        and on the Bundle the mark {marks}: the depression may go, and must be handled as what it is");
        string[] tells = [.. CaseSensitive.Tells, .. CaseSensitive.Denied(tag), "\"Consent\"", CaseSensitive.Consent(tag)];
        foreach (var tell in tells.Where(t => text.Contains(t, StringComparison.OrdinalIgnoreCase))) desk.Wrong.Add($"the recipient can read \"{tell}\" in the package");
        desk.Screen.Good($"      Looked for in its {text.Length:N0} characters and not found: {string.Join(", ", tells)}");
        desk.Expect(missing.Contains($"withheld as the patient wishes {CaseSensitive.Denied(tag).Count} items", StringComparison.Ordinal), "the recipient is not told how many items were withheld");
        desk.Expect(marks == "R PSY", $"the Bundle is marked {marks}");
        desk.Expect(text.Contains(CaseSensitive.Permitted(tag), StringComparison.Ordinal), "what the Consent permits did not go");
    }

    private static void AtTheSender(Desk desk, string tag, ManifestFacts manifest)
    {
        desk.Screen.Plain("      The manifest, which only the sender's privacy role may read, names them:");
        foreach (var row in manifest.Omitted.Where(o => o.Reason == ByConsent)) desk.Screen.Plain($"        {row.Reference,-32} {row.Rule}");
        foreach (var (rule, count) in manifest.Consent.Inferred) desk.Screen.Plain($"        {count} {(count == 1 ? "resource is" : "resources are")} what the list {rule} speaks of: the codes tell, whether the EHR has labelled them or not");
        foreach (var consent in manifest.Consent.Considered)
            desk.Screen.Plain($"        {consent.Reference}, version {consent.Version}: {consent.Decision}, {consent.Carried} resources go by it, {consent.Withheld} stay");

        var denied = CaseSensitive.Denied(tag);
        var withheld = manifest.Omitted.Where(o => o.Reason == ByConsent).ToList();
        desk.Expect(withheld.Select(o => o.Reference).Order(StringComparer.Ordinal).SequenceEqual(denied), $"withheld are {string.Join(", ", withheld.Select(o => o.Reference))}, not {string.Join(", ", denied)}");
        desk.Expect(withheld.All(o => o.Rule == $"{CaseSensitive.Consent(tag)}/_history/1 denies (provision.provision[0])"), "the manifest does not name the Consent, its version and provision");
        desk.Expect(manifest.Consent.Considered is [{ Decision: "mixed", Withheld: 3 }], "the manifest's account of the Consent is not right");
        desk.Expect(manifest.Included.Any(i => i.Key == CaseSensitive.Permitted(tag)), "what the Consent permits is not in the manifest");
    }

    private static string Words(JsonElement section) => Spaces().Replace(Tags().Replace(section.GetProperty("text").GetProperty("div").GetString()!, " "), " ").Trim();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
