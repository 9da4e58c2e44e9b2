namespace ReferralService.Sandbox.Demo;

/// <summary>What the command line asks of the demo.</summary>
/// <param name="RabbitMq">Set: the service runs on this broker and the events are read from it.</param>
internal sealed record DemoOptions(bool Keep, Uri? RabbitMq, int Seed)
{
    public const string Usage = """
        dotnet run --project services/ReferralService.Sandbox [-- options]

          --keep               leave everything running at the end, print what can be tried and tell what comes of it; Ctrl-C ends it
          --rabbitmq <uri>     run the service on this broker (amqp://user:password@host:port/) and print the events received from it
          --seed <n>           other invented patients (default 1)
        """;

    /// <summary>Null when the arguments cannot be understood; <paramref name="fault"/> then says why (null for a plea for help).</summary>
    public static DemoOptions? Parse(IReadOnlyList<string> args, out string? fault)
    {
        var options = new DemoOptions(Keep: false, RabbitMq: null, Seed: 1);
        fault = null;
        for (var i = 0; i < args.Count; i++)
        {
            var value = i + 1 < args.Count ? args[i + 1] : null;
            switch (args[i])
            {
                case "--keep":
                    options = options with { Keep = true };
                    break;
                case "--rabbitmq" when Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps":
                    options = options with { RabbitMq = new Uri(value!) };
                    i++;
                    break;
                case "--seed" when int.TryParse(value, out var seed):
                    options = options with { Seed = seed };
                    i++;
                    break;
                case "--rabbitmq":
                    fault = "--rabbitmq needs the broker's AMQP address: amqp://user:password@host:5672/ (or amqps://).";
                    return null;
                case "--help" or "-h":
                    return null;
                default:
                    fault = args[i] is "--seed" ? "--seed needs a whole number." : $"Unknown option {args[i]}.";
                    return null;
            }
        }
        return options;
    }
}
