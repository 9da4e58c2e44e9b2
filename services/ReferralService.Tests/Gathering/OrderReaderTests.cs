using ReferralService.Contracts;
using ReferralService.Gathering;
using ReferralService.Sandbox.Faults;

namespace ReferralService.Tests.Gathering;

public sealed class OrderReaderTests
{
    [Test]
    public async Task An_order_comes_with_its_bytes_as_they_are()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();

        var found = (OrderReading.Found)await bench.Orders.ReadAsync("main", "o1", CancellationToken.None);

        Assert.That(found.Order.Utf8.Span.SequenceEqual(bench.Ehr.Bytes("ServiceRequest/o1")!.Value.Span));
        Assert.That((found.Order.Ehr, found.Order.View.Status), Is.EqualTo(("main", "active")));
    }

    [Test]
    public async Task What_is_not_there_and_what_was_deleted_are_told_apart()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Ehr.Delete("ServiceRequest", "o1");

        Assert.That(await bench.Orders.ReadAsync("main", "never", CancellationToken.None), Is.InstanceOf<OrderReading.NotFound>());
        Assert.That(await bench.Orders.ReadAsync("main", "o1", CancellationToken.None), Is.InstanceOf<OrderReading.Gone>());
    }

    [TestCase(401, null, null, ReasonCodes.AuthRefused, true)]
    [TestCase(403, null, null, ReasonCodes.AuthRefused, true)]
    [TestCase(400, null, null, ReasonCodes.EhrError, false)]
    [TestCase(500, null, null, ReasonCodes.EhrError, false)]
    [TestCase(503, "90", null, ReasonCodes.EhrError, false)]
    [TestCase(429, "90", null, ReasonCodes.EhrThrottled, false)]
    [TestCase(307, null, null, ReasonCodes.EndpointWrong, true)]
    [TestCase(null, null, "<html>Sign in</html>", ReasonCodes.NotFhir, true)]
    [TestCase(null, null, """{"resourceType":"Patient","id":"o1"}""", ReasonCodes.NotFhir, true)]
    [TestCase(null, null, """{"resourceType":"ServiceRequest","id":"other"}""", ReasonCodes.NotFhir, true)]
    public async Task What_could_not_be_read_says_why_when_and_who_must_act(int? status, string? retryAfter, string? body, string code, bool needsPerson)
    {
        await using var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        bench.Ehr.Faults.Add(new Fault
        {
            Path = "^/ServiceRequest", Status = status, RetryAfter = retryAfter, Body = body, ContentType = body?[0] == '<' ? "text/html" : null, Times = null,
        });

        var unreadable = (OrderReading.Unreadable)await bench.Orders.ReadAsync("main", "o1", CancellationToken.None);

        Assert.That((unreadable.Code, unreadable.NeedsPerson), Is.EqualTo((code, needsPerson)));
        Assert.That(unreadable.RetryAfter?.TotalSeconds, retryAfter is null ? Is.Null : Is.EqualTo(90).Within(5));
    }

    [Test]
    public async Task An_EHR_that_is_no_longer_configured_is_said_so()
    {
        await using var bench = await GatherBench.StartAsync();

        Assert.That(
            await bench.Orders.ReadAsync("former", "o1", CancellationToken.None),
            Is.EqualTo(new OrderReading.Unreadable(ReasonCodes.EhrUnknown, null, NeedsPerson: true)));
    }
}
