using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.Serving;

namespace ReferralService.Tests.Sandbox;

public sealed class SubscriptionTests
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(20);
    private readonly HttpClient _http = new();
    private readonly ConcurrentQueue<string> _bodies = new();
    private Channel<Notification> _ended = null!;
    private SandboxEhr _ehr = null!;
    private LoopbackServer _hook = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _bodies.Clear();
        _ended = Channel.CreateUnbounded<Notification>();
        _ehr = await SandboxEhr.StartAsync(new SandboxEhrOptions { NotificationRetryDelay = TimeSpan.Zero });
        _ehr.Notifications.Ended += n => _ended.Writer.TryWrite(n);
        _hook = await LoopbackServer.StartAsync(0, TimeProvider.System, null, 1 << 20, TakeAsync, CancellationToken.None);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _ehr.DisposeAsync();
        await _hook.DisposeAsync();
    }

    [OneTimeTearDown]
    public void Close() => _http.Dispose();

    [Test]
    public async Task Without_payload_a_matching_order_is_told_by_an_empty_POST_with_the_channels_headers()
    {
        await SubscribeAsync(payload: "");

        _ehr.Write(SandboxPeople.Order("draft", "draft"));
        _ehr.Write(SandboxPeople.Order("s1"));

        var notification = await NextAsync();
        var request = _hook.Requests.All.Single();
        Assert.That((notification.Resource, notification.Status, notification.Tries), Is.EqualTo(("ServiceRequest/s1", 202, 1)));
        Assert.That((request.Method, request.PathAndQuery, _bodies.Single()), Is.EqualTo(("POST", "/hook", "")));
        Assert.That(request.Headers["Authorization"], Is.EqualTo("Bearer a:b"));
    }

    [Test]
    public async Task With_payload_the_order_itself_is_PUT_below_the_endpoint()
    {
        await SubscribeAsync(payload: "\"payload\":\"application/fhir+json\",");

        _ehr.Write(SandboxPeople.Order("s1"));

        await NextAsync();
        Assert.That(_hook.Requests.All.Single().PathAndQuery, Is.EqualTo("/hook/ServiceRequest/s1"));
        Assert.That(_bodies.Single(), Is.EqualTo(System.Text.Encoding.UTF8.GetString(_ehr.Bytes("ServiceRequest/s1")!.Value.Span)));
    }

    [TestCase(3, 202, 4)]
    [TestCase(9, 503, 4)]
    public async Task A_notification_is_tried_four_times_and_then_dropped(int failures, int last, int tries)
    {
        await SubscribeAsync(payload: "");
        _hook.Faults.Add(new Fault { Status = 503, Times = failures });

        _ehr.Write(SandboxPeople.Order("s1"));

        var notification = await NextAsync();
        Assert.That((notification.Status, notification.Tries), Is.EqualTo((last, tries)));
    }

    [Test]
    public async Task A_subscription_that_cannot_be_served_is_refused()
    {
        using var answer = await _http.PostAsync(_ehr.Base + "/Subscription", SandboxCalls.Fhir(
            """{"resourceType":"Subscription","status":"requested","criteria":"ServiceRequest?nonsense=1","channel":{"type":"rest-hook","endpoint":"http://127.0.0.1:1/"}}"""));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
    }

    private async Task SubscribeAsync(string payload)
    {
        using var answer = await _http.PostAsync(_ehr.Base + "/Subscription", SandboxCalls.Fhir($$"""
            {"resourceType":"Subscription","status":"requested","reason":"test","criteria":"ServiceRequest?status=active&intent=order",
             "channel":{"type":"rest-hook","endpoint":"{{_hook.Base}}/hook",{{payload}}"header":["Authorization: Bearer a:b"]} }
            """));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("\"status\":\"active\""));
    }

    private async Task<Notification> NextAsync() => await _ended.Reader.ReadAsync().AsTask().WaitAsync(Ceiling);

    private async Task TakeAsync(FhirExchange exchange)
    {
        using var reader = new StreamReader(exchange.Http.Request.Body);
        _bodies.Enqueue(await reader.ReadToEndAsync());
        exchange.Http.Response.StatusCode = 202;
    }
}
