using System.Text.Json;

namespace ReferralService.Sandbox.Demo;

/// <summary>An AuditEvent, read as the person reads it whom it is about.</summary>
internal sealed record DisclosureTold(
    string Raw, string Recorded, string Action, string Purpose, string Patient, string Recipient, string? Requester, string Package, string Entries, string Digest, IReadOnlyList<string> Labels, IReadOnlyList<string> Consents)
{
    public static DisclosureTold Read(JsonElement audit)
    {
        var agents = audit.GetProperty("agent").EnumerateArray().ToDictionary(a => Code(a.GetProperty("type").GetProperty("coding")[0]), a => a.GetProperty("who"));
        var entities = audit.GetProperty("entity").EnumerateArray().ToDictionary(e => Code(e.GetProperty("role")));
        var package = entities["3"];
        var details = package.GetProperty("detail").EnumerateArray().ToLookup(d => Text(d, "type"), d => Text(d, "valueString"));
        return new DisclosureTold(
            audit.GetRawText(), Text(audit, "recorded"), Text(audit.GetProperty("type"), "display"), Code(audit.GetProperty("purposeOfEvent")[0].GetProperty("coding")[0]),
            Text(entities["1"].GetProperty("what"), "reference"), Text(agents["110152"], "display"), agents.TryGetValue("AUT", out var author) ? Text(author, "reference") : null,
            Text(package.GetProperty("what").GetProperty("identifier"), "value"), details["entries"].First(), details["digest"].First(),
            [.. package.GetProperty("securityLabel").EnumerateArray().Select(Code)], [.. details["consent"]]);
    }

    private static string Code(JsonElement coding) => Text(coding, "code");

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
