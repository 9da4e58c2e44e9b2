using System.Text.Json;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops;

/// <summary>Packages with and without an account, delivered or not, for the tests of <c>/fhir/AuditEvent</c>.</summary>
internal static class AuditBench
{
    public const string Ehr = "https://ehr.example.org/fhir";

    public static DisclosureBook Keyed(OpsHost host, string id) => new(host.Ledger.Database, new VaultKeys([(id, [.. Enumerable.Repeat((byte)1, 32)])]));

    public static async Task<Guid> DeliveredAsync(OpsHost host, string order, string patient, DisclosureBook? book = null, Func<DisclosureFacts, DisclosureFacts>? change = null)
    {
        var referral = await KeptAsync(host, order, patient, book, change);
        await EndedAsync(host, referral);
        return referral.PackageId!.Value;
    }

    public static async Task<Referral> KeptAsync(OpsHost host, string order, string patient, DisclosureBook? book = null, Func<DisclosureFacts, DisclosureFacts>? change = null)
    {
        var referral = await host.Ledger.PackagedAsync(order);
        await (book ?? host.Ledger.Disclosures).KeepAsync(change?.Invoke(Facts(referral, patient)) ?? Facts(referral, patient), CancellationToken.None);
        return referral;
    }

    public static async Task EndedAsync(OpsHost host, Referral referral)
    {
        var begun = await host.Ledger.BegunAsync(referral);
        await host.Ledger.StepAsync(begun, row => StepTransitions.Delivered(row, new Dictionary<string, string>(), host.Clock.GetUtcNow()));
    }

    public static DisclosureFacts Facts(Referral referral, string patient) => new(
        referral.PackageId!.Value, referral.Id.Value, "main", Ehr, $"{Ehr}/Patient/{patient}", $"{Ehr}/ServiceRequest/{referral.OrderId}", $"{Ehr}/Practitioner/gp", "urology-east",
        "https://uro.example.org/fhir", "document", referral.PackageDigest!, 3, "TREAT", ["http://terminology.hl7.org/CodeSystem/v3-Confidentiality|N"], ["Consent/c/_history/3"], false);

    public static IEnumerable<string> Orders(JsonElement bundle)
        => bundle.TryGetProperty("entry", out var entries)
            ? entries.EnumerateArray().Select(e => e.GetProperty("resource")).Where(r => r.Text("resourceType") == "AuditEvent")
                .Select(r => r.GetProperty("entity")[1].GetProperty("what").Text("reference")!.Split('/')[^1])
            : [];

    /// <summary>What the answer says it lacks.</summary>
    public static IEnumerable<JsonElement> Gaps(JsonElement bundle)
        => bundle.TryGetProperty("entry", out var entries)
            ? entries.EnumerateArray().Where(e => e.GetProperty("search").Text("mode") == "outcome").SelectMany(e => e.GetProperty("resource").GetProperty("issue").EnumerateArray())
            : [];
}
