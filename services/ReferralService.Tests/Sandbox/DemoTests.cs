using ReferralService.Sandbox.Demo;

namespace ReferralService.Tests.Sandbox;

public sealed class DemoTests
{
    [Test]
    public void Options_are_read_from_the_command_line()
    {
        var options = DemoOptions.Parse(["--keep", "--seed", "7", "--rabbitmq", "amqp://guest:guest@127.0.0.1:5672/"], out _);

        Assert.That(options, Is.EqualTo(new DemoOptions(Keep: true, new Uri("amqp://guest:guest@127.0.0.1:5672/"), Seed: 7)));
    }

    [TestCase("--nonsense", "Unknown option --nonsense.")]
    [TestCase("--rabbitmq http://127.0.0.1", "--rabbitmq needs the broker's AMQP address: amqp://user:password@host:5672/ (or amqps://).")]
    [TestCase("--rabbitmq", "--rabbitmq needs the broker's AMQP address: amqp://user:password@host:5672/ (or amqps://).")]
    [TestCase("--seed x", "--seed needs a whole number.")]
    public void What_cannot_be_understood_is_said(string args, string expected)
    {
        var options = DemoOptions.Parse(args.Split(' '), out var fault);

        Assert.That((options, fault), Is.EqualTo(((DemoOptions?)null, expected)));
    }

    [Test]
    public async Task A_broker_that_is_not_there_is_told_before_anything_is_started_or_built()
    {
        var output = new StringWriter();
        int exit;
        await using (var screen = new Screen(output, colour: false, TimeProvider.System))
            exit = await DemoRun.RunAsync(new DemoOptions(Keep: false, new Uri("amqp://guest:guest@127.0.0.1:1/"), Seed: 1), screen);

        Assert.That(exit, Is.EqualTo(1));
        Assert.That(output.ToString(), Does.Contain("The broker at 127.0.0.1:1 cannot be reached").And.Not.Contain("building").And.Not.Contain("EHR  "));
    }

    [Test]
    public async Task Lines_are_printed_in_the_order_in_which_things_happened()
    {
        var output = new StringWriter();
        await using (var screen = new Screen(output, colour: false, TimeProvider.System))
        {
            var now = TimeProvider.System.GetUtcNow();
            screen.Say(Speaker.Consultant, "consultant", "second", now.AddMilliseconds(2));
            screen.Say(Speaker.Service, "service", "first", now.AddMilliseconds(1));
            screen.Title("title");
        }

        var lines = output.ToString().Split('\n');
        Assert.That(lines[0], Does.EndWith("service        first"));
        Assert.That(lines[1], Does.EndWith("consultant     second"));
        Assert.That(lines[2], Is.EqualTo("title"));
    }

    [Test]
    public async Task Without_colour_no_line_has_an_escape()
    {
        var output = new StringWriter();
        await using (var screen = new Screen(output, colour: false, TimeProvider.System))
        {
            screen.Bad("bad");
            screen.Say(Speaker.Ehr, "EHR", "told");
        }

        Assert.That(output.ToString(), Does.Not.Contain("\e"));
    }
}
