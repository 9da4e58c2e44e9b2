using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Fhir;
using ReferralService.Tests.Intake;

namespace ReferralService.Tests.Fuzz;

/// <summary>What the mutations begin with: examples as HL7's pages and well-known servers write them, one synthetic patient's record, and JSON that FsCheck makes up.</summary>
internal static class Corpus
{
    private const int MadeUp = 150;

    private static readonly SecondOpinionCase Story = SecondOpinionCase.Create(seed: 7, new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero), CasePerformer.UrologyEast);

    private static readonly byte[] Order = Story.Order.Utf8.ToArray();

    /// <summary>A patient's resources, each under 16 KiB so that mutations hit what has a meaning.</summary>
    private static readonly byte[][] Record = [.. Story.Record.Select(r => r.Utf8.ToArray()).Where(r => r.Length < 16 << 10)];

    public static byte[][] Resources(ulong seed)
        => [.. Record, Order, Bytes(Sample.Odd), .. Generated(JsonGenerators.Resource, seed), .. Outcomes, .. Capabilities, .. Topics];

    public static byte[][] Notifications(ulong seed) => [.. Topics, Order, Bytes("{}"), Bytes(" "), .. Generated(JsonGenerators.Resource, seed, 20)];

    public static byte[][] Pages(ulong seed)
        => [.. Generated(JsonGenerators.Page.Select(p => p.Page), seed), Page(Record.Take(6)), Page(Record.Skip(6).Take(3).Append(Outcomes[0])), Page([]),
            Bytes("""{"resourceType":"Bundle","type":"searchset","total":3,"link":[{"relation":"self","url":"https://ehr.example.org/fhir/Observation?patient=1"},{"relation":"next","url":"https://ehr.example.org/fhir?_getpages=x&_getpagesoffset=2"}],"entry":[{"fullUrl":"https://ehr.example.org/fhir/Observation/1"},null,{"search":{"mode":"match","score":1.00},"resource":{"resourceType":"Observation","id":"1","valueQuantity":{"value":1.00}}}]}""")];

    public static byte[][] Transactions { get; } =
    [
        Bytes("""{"resourceType":"Bundle","id":"r","type":"transaction-response","link":[{"relation":"self","url":"https://uro.example.org/fhir"}],"entry":[{"response":{"status":"201 Created","location":"Task/12/_history/1","etag":"W/\"1\"","lastModified":"2026-11-22T10:00:00.000Z"}},{"response":{"status":"200","outcome":{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational"}]}},"resource":{"resourceType":"Patient","id":"1"}}]}"""),
        Bytes("""{"resourceType":"Bundle","type":"batch-response","entry":[{"response":{"status":"422 Unprocessable Entity","outcome":{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","expression":["Patient.name[0]"],"details":{"coding":[{"code":"x"}]}}]}}},{"response":{}},{},null]}"""),
    ];

    public static byte[][] Outcomes { get; } =
    [
        Bytes("""{"resourceType":"OperationOutcome","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><h1>Operation Outcome</h1></div>"},"issue":[{"severity":"error","code":"processing","diagnostics":"HAPI-0550: x","location":["Bundle.entry[1]"],"expression":["Bundle.entry[1].resource.ofType(Patient)"]}]}"""),
        Bytes("""{"resourceType":"OperationOutcome","issue":[{"severity":"fatal","code":"structure","details":{"coding":[{"system":"urn:x","code":"MSG_PARAM"}],"text":"x"}},{"severity":"warning","code":"not-supported"}]}"""),
    ];

    public static byte[][] Capabilities { get; } =
    [
        Bytes("""{"resourceType":"CapabilityStatement","status":"active","date":"2026-11-22","kind":"instance","fhirVersion":"4.0.1","format":["application/fhir+json"],"rest":[{"mode":"server","interaction":[{"code":"transaction"},{"code":"search-system"}],"searchParam":[{"name":"_id","type":"token"}],"resource":[{"type":"Bundle","interaction":[{"code":"create"},{"code":"update"}],"updateCreate":true,"conditionalCreate":false,"searchInclude":["*"],"searchParam":[{"name":"identifier","type":"token"}]},{"type":"Task","interaction":[{"code":"create"}]}]},{"mode":"client"}]}"""),
    ];

    public static byte[][] Commands { get; } =
    [
        Bytes("""{"command":"submit","id":"0b2c1f2e-0000-4000-8000-000000000001","ehr":"main","serviceRequest":"ServiceRequest/123","recipient":"uro"}"""),
        Bytes("""{"command":"retry","id":"0b2c1f2e-0000-4000-8000-000000000002","referralId":"0b2c1f2e-0000-5000-8000-000000000009","recipient":null}"""),
        Bytes("""{"id":"0B2C1F2E-0000-4000-8000-000000000003","referralId":"0b2c1f2e-0000-5000-8000-000000000009","command":"cancel","reason":[1e400,{"a":"b"}]}"""),
    ];

    public static byte[][] Submits { get; } =
    [
        Bytes("""{"ehr":"main","serviceRequest":"ServiceRequest/123","recipient":"uro"}"""),
        Bytes("""{"ehr":"main","serviceRequest":"https://ehr.example.org/fhir/ServiceRequest/123/_history/2","recipient":null}"""),
        Bytes("""{"recipient":"uro"}"""), Bytes("{}"),
    ];

    public static byte[][] Queries { get; } =
    [
        Bytes("state=held&ehr=main&recipient=uro&updatedSince=2026-11-23T00:00:00Z&limit=200&cursor=AQAAAAAAAAAB"), Bytes("limit=1"), Bytes("cursor=AQAAAAAAAAAB"), Bytes("updatedSince=2026-11-23"),
    ];

    public static byte[][] Dates { get; } =
        [.. new[] { "2026", "2026-11", "2026-11-22", "2026-11-22T10:00:00Z", "2026-11-22T10:00:00.123456789+02:00", "2016-12-31T23:59:60Z", "9999-12-31T23:59:59.999-12:00", "0001-01-01T00:00:00+14:00", "0001", "9999", "2024-02-29" }.Select(Bytes)];

    public static byte[][] References { get; } =
        [.. new[] { "Patient/1", "Patient/1/_history/2", "https://ehr.example.org/fhir/ServiceRequest/1", "HTTPS://EHR.example.org:443/fhir/ServiceRequest/1/_history/3", "#c", "#", "urn:uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8", "Practitioner?identifier=urn:x|1", "../Patient/1", "//evil/Patient/1", "_history", "ServiceRequest/.." }.Select(Bytes)];

    public static byte[][] Criteria { get; } =
        [.. new[] { "ServiceRequest?status=active&intent=order", "ServiceRequest?category=http://snomed.info/sct|3457005,|x&code:not=1&priority=urgent,stat", "ServiceRequest?performer=Organization/1&authored=ge2026-01-01&_id=1", "ServiceRequest" }.Select(Bytes)];

    /// <summary>One setting a line, as in a file of environment variables.</summary>
    public static byte[][] Settings { get; } =
    [
        Bytes("Ehrs:main:BaseUrl=https://ehr.example.org/fhir\nEhrs:main:NotificationSecret=canary7f3-canary7f3\nEhrs:main:PollInterval=00:01:00\nEhrs:main:Since=2026-01-01T00:00:00Z\nEhrs:main:Criteria=ServiceRequest?status=active\nEhrs:main:Auth:Kind=Bearer\nEhrs:main:Auth:Token=canary7f3\nEhrs:main:AttachmentOrigins:0=https://files.example.org"),
        Bytes("Recipients:uro:BaseUrl=https://uro.example.org/fhir\nRecipients:uro:Matches:0=Organization/1\nRecipients:uro:Matches:1=http://hl7.org/fhir/sid/us-npi|1\nRecipients:uro:Form=Document\nRecipients:uro:Auth:Kind=Basic\nRecipients:uro:Auth:User=canary7f3\nRecipients:uro:Auth:Password=canary7f3"),
        Bytes("urls=http://0.0.0.0:80;https://[::]:443\nApi:Keys:ops:Secret=canary7f3-canary7f3\nApi:Keys:ops:Role=operator\nPublicUrl=https://r.example.org\nBus:Transport=RabbitMq\nBus:RabbitMq=amqps://u:canary7f3@mq.example.org/v"),
        Bytes("Ledger:Provider=PostgreSql\nLedger:ConnectionString=Host=db;Password=canary7f3\nVault:Retention=30.00:00:00\nGathering:PageSize=200\nGathering:LookBack=730.00:00:00\nDelivery:Deadline=3.00:00:00\nFlow:Lease=00:01:00\nIntake:RequestsPerSecond=5"),
    ];

    private static byte[][] Topics =>
    [
        Bytes(Hooks.Order()), Bytes(Hooks.Topic("handshake", "requested")), Bytes(Hooks.Topic("heartbeat")), Bytes(Hooks.Topic("event-notification")),
        Bytes(Hooks.Topic("event-notification", focuses: ["ServiceRequest/a", $"{Hooks.Base}/ServiceRequest/b"], entries: Hooks.Entry("b", Hooks.Order("b")))),
        Bytes("""{"resourceType":"Bundle","type":"subscription-notification","entry":[{"resource":{"resourceType":"SubscriptionStatus","type":"event-notification","status":"active","eventsSinceSubscriptionStart":2,"notificationEvent":[{"eventNumber":2,"focus":{"reference":"ServiceRequest/1"}}]}}]}"""),
    ];

    private static IEnumerable<byte[]> Generated(Gen<string> made, ulong seed, int count = MadeUp) => made.Sample(40, new Rnd(seed), count).Select(Bytes);

    private static byte[] Page(IEnumerable<byte[]> resources)
        => Bytes($$"""{"resourceType":"Bundle","type":"searchset","entry":[{{string.Join(",", resources.Select(Entry))}}]}""");

    private static string Entry(byte[] resource, int number)
        => $$"""{"fullUrl":"https://e/{{number}}","resource":{{Encoding.UTF8.GetString(resource)}},"search":{"mode":"match"} }""";

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
