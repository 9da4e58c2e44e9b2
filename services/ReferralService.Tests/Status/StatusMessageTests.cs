using System.Text.Json;
using ReferralService.Ledger;
using ReferralService.Status;
using ReferralService.Tests.Contracts;

namespace ReferralService.Tests.Status;

[TestFixture]
internal sealed class StatusMessageTests
{
    private static readonly Guid EventId = Guid.Parse("01993c4e-7a10-7c3b-8f21-000000000005");
    private static readonly ReferralId Referral = new(Guid.Parse("5f0c8a2e-6d0b-5c1d-9a57-2f4e1b7c3d90"));

    private static readonly TimelineEntry Entry = new(
        Sequence: 5,
        EventId,
        Event: "delivered",
        At: new DateTimeOffset(2026, 11, 22, 12, 1, 2, 910, TimeSpan.FromHours(2)),
        ReferralState.Delivered,
        Recipient: "urology-east",
        Attempt: 2,
        PackageId: Guid.Parse("c1a7e0b4-3f52-5d8e-8b61-9e0d2a4f6c18"),
        PackageDigest: "sha-256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        Entries: 214,
        ErrorCode: null,
        NextAttemptAt: null,
        Detail: new Dictionary<string, string> { ["status"] = "201" });

    [Test]
    public void The_body_is_the_published_example()
    {
        var message = StatusMessage.Of(Event(Entry));

        using var body = JsonDocument.Parse(message.Body);
        using var example = JsonDocument.Parse(File.ReadAllText(Path.Combine(ContractFiles.Examples, "status-event.delivered.json")));
        Assert.That(JsonElement.DeepEquals(body.RootElement, example.RootElement), body.RootElement.GetRawText());
    }

    [Test]
    public void The_properties_let_a_consumer_route_and_deduplicate_without_reading_the_body()
    {
        var message = StatusMessage.Of(Event(Entry));

        Assert.Multiple(() =>
        {
            Assert.That(message.RoutingKey, Is.EqualTo("referral.main.delivered"));
            Assert.That(message.Properties.Persistent);
            Assert.That(message.Properties.MessageId, Is.EqualTo("01993c4e-7a10-7c3b-8f21-000000000005"));
            Assert.That(message.Properties.CorrelationId, Is.EqualTo("5f0c8a2e-6d0b-5c1d-9a57-2f4e1b7c3d90"));
            Assert.That(message.Properties.Type, Is.EqualTo("referral.delivered"));
            Assert.That(message.Properties.ContentType, Is.EqualTo("application/cloudevents+json"));
        });
    }

    [Test]
    public void The_same_event_gives_the_same_bytes()
    {
        var first = StatusMessage.Of(Event(Entry)).Body.ToArray();

        var again = StatusMessage.Of(Event(Entry)).Body.ToArray();

        Assert.That(again, Is.EqualTo(first));
    }

    [Test]
    public void The_trace_goes_on_in_a_header()
        => Assert.That(
            StatusMessage.Of(Event(Entry) with { TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }).Properties.Headers,
            Is.EquivalentTo(new Dictionary<string, object?> { ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }));

    [Test]
    public void What_the_timeline_notes_beside_an_event_stays_in_the_timeline()
    {
        var message = StatusMessage.Of(Event(Entry with { Detail = new Dictionary<string, string> { ["canary"] = "canary-detail" } }));

        Assert.That(System.Text.Encoding.UTF8.GetString(message.Body.Span), Does.Not.Contain("canary"));
    }

    [Test]
    public void A_note_is_never_sent()
        => Assert.That(() => StatusMessage.Of(Event(Entry with { Sequence = null, EventId = null })), Throws.ArgumentException);

    private static OutboxEvent Event(TimelineEntry entry) => new(Referral, "main", "123", entry, TraceParent: null);
}
