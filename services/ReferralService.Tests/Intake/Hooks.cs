using System.Text;

namespace ReferralService.Tests.Intake;

/// <summary>Notifications as servers write them. No people in them: a hint names an order and nothing else is read.</summary>
internal static class Hooks
{
    public const string Base = "https://ehr.example.org/fhir";

    public static ReadOnlyMemory<byte> Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static string Order(string id = "sr-1", string? version = "3")
        => $$$"""{"resourceType":"ServiceRequest","id":"{{{id}}}"{{{(version is null ? "" : $$$""","meta":{"versionId":"{{{version}}}"}""")}}},"status":"active","intent":"order","subject":{"reference":"Patient/p"}}""";

    /// <summary>Backport, R4: history Bundle, Parameters first; event numbers are strings.</summary>
    public static string Topic(string type, string status = "active", string[]? focuses = null, string entries = "", string bundleType = "history")
    {
        var events = string.Concat((focuses ?? []).Select((focus, i) =>
            $$$""",{"name":"notification-event","part":[{"name":"event-number","valueString":"{{{i + 7}}}"},{"name":"timestamp","valueInstant":"2026-11-22T10:00:00Z"},{"name":"focus","valueReference":{"reference":"{{{focus}}}"}}]}"""));
        return $$$"""
            {"resourceType":"Bundle","id":"n","type":"{{{bundleType}}}","timestamp":"2026-11-22T10:00:00Z","entry":[
              {"fullUrl":"urn:uuid:9f6d2f7e-0000-4000-8000-000000000001","resource":{"resourceType":"Parameters","parameter":[
                {"name":"subscription","valueReference":{"reference":"{{{Base}}}/Subscription/s"}},
                {"name":"topic","valueCanonical":"http://example.org/topic"},
                {"name":"status","valueCode":"{{{status}}}"},
                {"name":"type","valueCode":"{{{type}}}"},
                {"name":"events-since-subscription-start","valueString":"7"}{{{events}}}]},
               "request":{"method":"GET","url":"{{{Base}}}/Subscription/s/$status"},"response":{"status":"200"}}{{{entries}}}]}
            """;
    }

    public static string Entry(string id, string? resource)
        => $$$""",{"fullUrl":"{{{Base}}}/ServiceRequest/{{{id}}}"{{{(resource is null ? "" : ",\"resource\":" + resource)}}},"request":{"method":"PUT","url":"ServiceRequest/{{{id}}}"},"response":{"status":"200"}}""";
}
