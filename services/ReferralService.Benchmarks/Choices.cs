using System.Globalization;
using ReferralService.Benchmarks.Walk;

namespace ReferralService.Benchmarks;

/// <summary>The command line: names of figures (none: all) and how they are measured.</summary>
internal sealed record Choices
{
    public static string Words => $"Words: {string.Join(' ', Run.Figures)}; --quick, --write FILE, --rounds N, --referrals N, --warm SECONDS, --in-flight N[,N…], --ledger Sqlite|PostgreSql, --bus InMemory|RabbitMq, --replicas N.";

    public IReadOnlyList<string> Names { get; private init; } = [];

    /// <summary>Fewer rounds and smaller piles; every goal's figure all the same.</summary>
    public bool Quick { get; private init; }

    /// <summary>A document whose marked part is replaced by the tables.</summary>
    public string? WriteTo { get; private init; }

    public int Rounds { get; private init; } = 5;

    /// <summary>In each round of a walk.</summary>
    public int Referrals { get; private init; } = 200;

    /// <summary>Before any figure of a walk counts: the compiler optimizes what runs often only after some while.</summary>
    public TimeSpan Warm { get; private init; } = TimeSpan.FromSeconds(20);

    /// <summary>Null: each figure's own.</summary>
    public IReadOnlyList<int>? InFlight { get; private init; }

    /// <summary>The one combination to walk on; null: each figure's own.</summary>
    public Setup? Setup { get; private init; }

    /// <exception cref="ArgumentException">What cannot be understood.</exception>
    public static Choices Read(IReadOnlyList<string> args)
    {
        var choices = args.Contains("--quick") ? new Choices { Quick = true, Rounds = 3, Referrals = 60, Warm = TimeSpan.FromSeconds(15) } : new Choices();
        var names = new List<string>();
        for (int i = 0; i < args.Count; i++)
        {
            choices = args[i] switch
            {
                "--quick" => choices,
                "--write" => choices with { WriteTo = Value() },
                "--rounds" => choices with { Rounds = Number(Value()) },
                "--referrals" => choices with { Referrals = Number(Value()) },
                "--warm" => choices with { Warm = TimeSpan.FromSeconds(Number(Value())) },
                "--in-flight" => choices with { InFlight = [.. Value().Split(',').Select(Number)] },
                "--ledger" => choices with { Setup = (choices.Setup ?? Setup.Usual) with { Ledger = Enum.Parse<LedgerKind>(Value(), ignoreCase: true) } },
                "--bus" => choices with { Setup = (choices.Setup ?? Setup.Usual) with { Bus = Enum.Parse<BusKind>(Value(), ignoreCase: true) } },
                "--replicas" => choices with { Setup = (choices.Setup ?? Setup.Usual) with { Replicas = Number(Value()) } },
                ['-', ..] => throw new ArgumentException($"What is {args[i]}?"),
                _ => Named(choices),
            };

            string Value() => ++i < args.Count ? args[i] : throw new ArgumentException($"{args[i - 1]} needs a value.");

            Choices Named(Choices until)
            {
                if (!Run.Figures.Contains(args[i])) throw new ArgumentException($"There is no figure {args[i]}.");
                names.Add(args[i]);
                return until;
            }
        }

        return choices with { Names = names };
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
