using ReferralService.Fhir.Errors;
using ReferralService.Intake;
using ReferralService.Intake.Notifications;
using ReferralService.Ledger;

namespace ReferralService.Tests.Intake;

public sealed class NotificationReaderTests
{
    private static readonly Uri Ehr = new(Hooks.Base);

    [TestCase("", TestName = "An_empty_body_makes_a_sweep_due")]
    [TestCase(" \r\n", TestName = "White_space_makes_a_sweep_due")]
    [TestCase("{}", TestName = "An_empty_object_without_header_makes_a_sweep_due")]
    [TestCase("""{"resourceType":"ServiceRequest","status":"active"}""", TestName = "An_order_without_id_makes_a_sweep_due")]
    public void News_without_a_name(string body) => Assert.That(Post(body), Is.EqualTo(Notification.Unnamed));

    [Test]
    public void A_posted_order_is_named_with_its_version()
        => Assert.That(Orders(Post(Hooks.Order())), Is.EqualTo(new[] { new OrderReference("sr-1", "3") }));

    [TestCase("draft")]
    [TestCase("revoked")]
    [TestCase("entered-in-error")]
    public void What_the_body_says_of_the_order_is_not_looked_at(string status)
        => Assert.That(Orders(Post(Hooks.Order().Replace("active", status, StringComparison.Ordinal))), Has.Length.EqualTo(1));

    [Test]
    public void A_deletion_by_header_names_the_order()
        => Assert.That(Orders(NotificationReader.ReadPost(Hooks.Utf8("{}"), Ehr, "ServiceRequest/gone")), Is.EqualTo(new[] { new OrderReference("gone", null) }));

    [TestCase("Patient/1")]
    [TestCase("../etc/passwd")]
    [TestCase("ServiceRequest/..")]
    [TestCase("https://elsewhere.example.org/fhir/ServiceRequest/1")]
    public void A_deletion_of_something_else_only_makes_a_sweep_due(string deleted)
        => Assert.That(NotificationReader.ReadPost(Hooks.Utf8("{}"), Ehr, deleted), Is.EqualTo(Notification.Unnamed));

    [TestCase("handshake", "requested")]
    [TestCase("heartbeat", "active")]
    [TestCase("query-status", "active")]
    public void A_sign_of_life_is_no_news(string type, string status) => Assert.That(Hint(Post(Hooks.Topic(type, status))), Is.EqualTo(Notification.NoNews));

    [TestCase("heartbeat", "error")]
    [TestCase("query-status", "off")]
    [TestCase("event-notification", "active")]
    public void A_broken_line_or_an_empty_event_makes_a_sweep_due(string type, string status)
        => Assert.That(Hint(Post(Hooks.Topic(type, status))), Is.EqualTo(new Notification([], SweepDue: true, NoticeSource.Topic)));

    [Test]
    public void Several_events_in_one_name_each_order_once()
    {
        var read = Post(Hooks.Topic("event-notification", focuses: [$"{Hooks.Base}/ServiceRequest/a", "ServiceRequest/b", "ServiceRequest/a/_history/2"]));

        Assert.Multiple(() =>
        {
            Assert.That(Orders(read), Is.EqualTo(new[] { new OrderReference("a", "2"), new OrderReference("b", null) }));
            Assert.That((read.SweepDue, read.Source), Is.EqualTo((false, NoticeSource.Topic)));
        });
    }

    [Test]
    public void A_full_resource_tells_the_version()
    {
        var read = Post(Hooks.Topic("event-notification", focuses: [$"{Hooks.Base}/ServiceRequest/sr-1"], entries: Hooks.Entry("sr-1", Hooks.Order())));

        Assert.That(Orders(read), Is.EqualTo(new[] { new OrderReference("sr-1", "3") }));
    }

    [Test]
    public void An_id_only_entry_keeps_the_order_without_version()
        => Assert.That(
            Orders(Post(Hooks.Topic("event-notification", focuses: ["ServiceRequest/sr-1"], entries: Hooks.Entry("sr-1", null)))),
            Is.EqualTo(new[] { new OrderReference("sr-1", null) }));

    [TestCase("transaction")]
    [TestCase("subscription-notification")]
    [TestCase("batch")]
    public void Another_type_of_Bundle_is_read_all_the_same(string type)
        => Assert.That(Orders(Post(Hooks.Topic("event-notification", focuses: ["ServiceRequest/a"], bundleType: type))), Has.Length.EqualTo(1));

    [Test]
    public void The_status_of_R5_is_understood()
        => Assert.That(Orders(Post("""
            {"resourceType":"Bundle","type":"subscription-notification","entry":[{"resource":{"resourceType":"SubscriptionStatus","type":"event-notification",
             "notificationEvent":[{"eventNumber":"2","focus":{"reference":"ServiceRequest/r5"}}]}}]}
            """)), Is.EqualTo(new[] { new OrderReference("r5", null) }));

    [Test]
    public void Entries_alone_name_their_orders()
        => Assert.That(
            Orders(Post($$$"""
                {"resourceType":"Bundle","type":"history","entry":[{"fullUrl":"urn:uuid:9f6d2f7e-0000-4000-8000-000000000002","resource":{{{Hooks.Order("x")}}}},
                 {"resource":{{{Hooks.Order("y", null)}}}},{"request":{"method":"DELETE","url":"ServiceRequest/z"}}]}
                """)),
            Is.EqualTo(new[] { new OrderReference("x", "3"), new OrderReference("y", null), new OrderReference("z", null) }));

    [Test]
    public void A_focus_at_another_address_is_not_taken_for_ours_but_its_news_is_heard()
        => Assert.That(
            Hint(Post(Hooks.Topic("event-notification", focuses: ["http://inner-name:8080/fhir/ServiceRequest/1"]))),
            Is.EqualTo(new Notification([], SweepDue: true, NoticeSource.Topic)));

    [Test]
    public void A_focus_of_another_type_beside_an_order_is_left_out()
    {
        var read = Post(Hooks.Topic("event-notification", focuses: ["Task/1", "ServiceRequest/a"]));

        Assert.That((Orders(read).Length, read.SweepDue), Is.EqualTo((1, false)));
    }

    [Test]
    public void More_orders_than_one_notification_may_name_are_found_by_a_sweep()
    {
        var many = Enumerable.Range(0, TopicNotification.MostOrders + 1).Select(i => $"ServiceRequest/{i}").ToArray();

        Assert.That(Hint(Post(Hooks.Topic("event-notification", focuses: many))), Is.EqualTo(new Notification([], SweepDue: true, NoticeSource.Topic)));
    }

    [TestCase("""{"resourceType":"Bundle"}""")]
    [TestCase("""{"resourceType":"Bundle","entry":5}""")]
    [TestCase("""{"resourceType":"Bundle","entry":[null,1,"x",[],{"resource":[]},{"fullUrl":7,"request":"x"}]}""")]
    [TestCase("""{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Parameters","parameter":[{"name":3},{"name":"notification-event","part":{}}]}}]}""")]
    public void A_Bundle_of_another_shape_names_nothing(string body)
        => Assert.That(Hint(Post(body)), Is.EqualTo(new Notification([], SweepDue: true, NoticeSource.Topic)));

    [TestCase("""{"resourceType":"Patient","id":"1"}""", FormatCode.WrongType)]
    [TestCase("""{"resource":"ServiceRequest"}""", FormatCode.NotAResource)]
    [TestCase("""{"resourceType":"ServiceRequest","id":"../1"}""", FormatCode.ElementShape)]
    [TestCase("""{"resourceType":"ServiceRequest","resourceType":"Bundle"}""", FormatCode.JsonDuplicateKey)]
    [TestCase("[]", FormatCode.NotAResource)]
    [TestCase("<a/>", FormatCode.NotJson)]
    public void What_is_no_notification_is_a_coded_fault(string body, string code)
        => Assert.That(() => Post(body), Throws.TypeOf<FhirFormatException>().With.Property(nameof(FhirFormatException.Code)).EqualTo(code));

    [Test]
    public void A_put_order_must_have_the_id_of_the_address()
    {
        Assert.That(Orders(NotificationReader.ReadPut(Hooks.Utf8(Hooks.Order()), "sr-1")), Is.EqualTo(new[] { new OrderReference("sr-1", "3") }));
        Assert.That(
            () => NotificationReader.ReadPut(Hooks.Utf8(Hooks.Order()), "sr-2"),
            Throws.TypeOf<FhirFormatException>().With.Property(nameof(FhirFormatException.IssueType)).EqualTo("value"));
    }

    [Test]
    public void A_version_that_FHIR_does_not_allow_is_as_good_as_none()
        => Assert.That(Orders(Post(Hooks.Order(version: "a b/c")))[0].Version, Is.Null);

    [Test]
    public void A_topic_notification_tells_the_numbers_of_its_events_and_how_many_there_were()
    {
        var news = Post(Hooks.Topic("event-notification", focuses: ["ServiceRequest/a", "ServiceRequest/b"])).News;

        Assert.That((news.ResourceId, news.Status, news.Total, news.At), Is.EqualTo(("s", "active", 7L, new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero))));
        Assert.That(news.Events, Is.EqualTo(new[] { 7L, 8L }));
    }

    [TestCase("\"valueUnsignedInt\":7", 7L)]
    [TestCase("\"valueInteger64\":\"7\"", 7L)]
    [TestCase("\"valueString\":\"-7\"", null)]
    [TestCase("\"valueString\":\"7e3\"", null)]
    [TestCase("\"valueString\":\"99999999999999999999\"", null)]
    [TestCase("\"valueInteger\":7.5", null)]
    public void A_count_is_understood_in_the_types_in_which_servers_send_it(string value, long? total)
        => Assert.That(Post(Hooks.Topic("heartbeat").Replace("\"valueString\":\"7\"", value, StringComparison.Ordinal)).News.Total, Is.EqualTo(total));

    /// <summary>Without what is told of the subscription.</summary>
    private static Notification Hint(Notification notification) => notification with { News = SubscriptionNews.Sign };

    private static Notification Post(string body) => NotificationReader.ReadPost(Hooks.Utf8(body), Ehr, deleted: null);

    private static OrderReference[] Orders(Notification notification) => [.. notification.Orders];
}
