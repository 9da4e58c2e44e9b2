using ReferralService.Gathering;

namespace ReferralService.Tests.Gathering;

public sealed class RequestSlotsTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private static CancellationToken Never => CancellationToken.None;

    [Test]
    public async Task No_more_are_under_way_than_may_be()
    {
        var slots = new RequestSlots(2);
        await slots.EnterAsync(mandatory: false, Never);
        await slots.EnterAsync(mandatory: true, Never);

        var third = slots.EnterAsync(mandatory: true, Never).AsTask();

        Assert.That(third.IsCompleted, Is.False);
        slots.Leave();
        await third.WaitAsync(Soon);
    }

    [Test]
    public async Task What_must_be_had_goes_before_what_waited_longer()
    {
        var slots = new RequestSlots(1);
        await slots.EnterAsync(mandatory: false, Never);
        var optional = slots.EnterAsync(mandatory: false, Never).AsTask();
        var mandatory = slots.EnterAsync(mandatory: true, Never).AsTask();

        slots.Leave();

        await mandatory.WaitAsync(Soon);
        Assert.That(optional.IsCompleted, Is.False);
        slots.Leave();
        await optional.WaitAsync(Soon);
    }

    [Test]
    public async Task Who_is_called_off_while_waiting_holds_nothing()
    {
        var slots = new RequestSlots(1);
        using var calledOff = new CancellationTokenSource();
        await slots.EnterAsync(mandatory: true, Never);
        var first = slots.EnterAsync(mandatory: true, calledOff.Token).AsTask();
        var second = slots.EnterAsync(mandatory: false, Never).AsTask();

        await calledOff.CancelAsync();
        slots.Leave();

        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());
        await second.WaitAsync(Soon);
        slots.Leave();
        await slots.EnterAsync(mandatory: false, Never);
    }
}
